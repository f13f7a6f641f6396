import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconSignature, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { Attachment, ViewOf } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useDesk } from '../../react/index.ts'
import { dayOf } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useNameOf } from '../session/directory.tsx'
import { labelled } from '../words/labelled.ts'
import { useConstructionWords } from './construction-words.ts'
import { SignatureMark, SignaturePad } from './signature-pad.tsx'
import { Modal } from '../state/dialog.tsx'

interface SignaturesProps {
  readonly view: ViewOf<typeof Attachment>
  readonly record: LiveRecord<typeof Attachment>
}

/** Both sides sign on the glass, one after the other; it works the same with no connection. */
export const Signatures = ({ view, record }: SignaturesProps) => {
  const words = useConstructionWords()
  const nameOf = useNameOf()
  const format = useFormat()
  const desk = useDesk()
  const [isSigning, setIsSigning] = useState(false)
  const mayWrite = record.locked('signatures') === null
  const sign = (name: string, mark: string): void => {
    const isDone = tryTo(() => {
      record.list('signatures').add({ name, mark })
      if (view.signedOn === null) record.set({ signedOn: dayOf(desk.clock.now()) })
    })
    if (isDone) setIsSigning(false)
  }
  return (
    <section className="card card-body record-stack" aria-label={words.signatures}>
      <h2 className="card-title signatures-title">{words.signatures}</h2>
      {view.signatures.length > 0 && (
        <ul className="signatures">
          {view.signatures.map(({ id, name, mark, by, at }) => (
            <li key={id} className="signature">
              <SignatureMark mark={mark ?? ''} name={labelled(words.signatureOf, name ?? '')} />
              <span className="signature-name">
                <strong>{name}</strong>
                <span className="quiet">{words.signedWith(format.dateTime(at), nameOf(by))}</span>
              </span>
              {mayWrite && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={44}
                  className="no-print"
                  aria-label={labelled(words.withdrawSignature, name ?? '')}
                  onClick={() => tryTo(() => record.list('signatures').remove(id))}
                >
                  <IconTrash size={18} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      )}
      {view.signatures.length === 0 && <p className="quiet signatures-title">{words.noSignatures}</p>}
      {mayWrite && (
        <Button
          size="md"
          className="no-print"
          leftSection={<IconSignature size={20} />}
          onClick={() => setIsSigning(true)}
        >
          {words.signOnGlass}
        </Button>
      )}
      {isSigning && <SignForm onSign={sign} onClose={() => setIsSigning(false)} />}
    </section>
  )
}

interface SignFormProps {
  readonly onSign: (name: string, mark: string) => void
  readonly onClose: () => void
}

const SignForm = ({ onSign, onClose }: SignFormProps) => {
  const words = useConstructionWords()
  const [name, setName] = useState('')
  const [mark, setMark] = useState('')
  return (
    <Modal
      opened
      size="lg"
      title={words.signOnGlass}
      // A hand that slips beside the sheet closes nothing.
      closeOnClickOutside={false}
      onClose={onClose}
    >
      <form
        className="record-stack"
        onSubmit={event => {
          event.preventDefault()
          if (name.trim() !== '' && mark !== '') onSign(name.trim(), mark)
        }}
      >
        <TextInput
          data-autofocus
          size="md"
          label={words.signerName}
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        />
        <SignaturePad mark={mark} onChange={setMark} />
        <Button type="submit" size="lg" disabled={name.trim() === '' || mark === ''}>
          {words.sign}
        </Button>
      </form>
    </Modal>
  )
}
