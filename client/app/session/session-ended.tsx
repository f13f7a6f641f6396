import { Button, Text } from '@mantine/core'
import { IconUserExclamation } from '@tabler/icons-react'
import { useState } from 'react'
import { useSync } from '../../react/index.ts'
import { useAppWords } from '../words/app-words.ts'
import { useStorageSentence } from '../state/use-storage-sentence.ts'
import { signInAgain, signInInstead, useSession } from './session.ts'
import { TokenForm } from './token-form.tsx'
import { nameInToken } from './token-name.ts'
import { Modal } from '../state/dialog.tsx'

/** The server does not take this person's token any more; those of the demo are renewed by themselves. */
export const useHasSessionEnded = (): boolean => {
  const session = useSession()
  const { error } = useSync()
  return session.state === 'open' && !session.isDemo && /^TOKEN_(?!KEYS_UNREACHABLE)/.test(error?.code ?? '')
}

/** Nothing is carried until they have another; to sign out for that would throw away what is not sent. */
export const SessionEnded = ({ isBare = false }: { readonly isBare?: boolean }) => {
  const words = useAppWords()
  const session = useSession()
  const hasEnded = useHasSessionEnded()
  const { asOf, error } = useSync()
  const [isAsked, setIsAsked] = useState(false)
  const [anothers, setAnothers] = useState('')
  // Where this device keeps nothing, what is unsent would go with its writer.
  const isKept = useStorageSentence() === null
  if (!hasEnded || session.state !== 'open') return null
  const { name } = session.person
  return (
    <div className="sync-banner" data-look="ended" data-bare={isBare ? '' : undefined} role="alert">
      <IconUserExclamation size={18} aria-hidden />
      <span>
        {asOf === null && error?.code !== 'TOKEN_EXPIRED' ? words.tokenRefused : words.sessionEnded}
      </span>
      <Button size="compact-md" onClick={() => setIsAsked(true)}>
        {words.signInAgain}
      </Button>
      <Modal opened={isAsked} onClose={() => setIsAsked(false)} title={words.signInAgainAs(name)}>
        <TokenForm
          submit={words.signInAgain}
          onToken={token => {
            const outcome = signInAgain(token)
            setAnothers(outcome === 'of another' ? token : '')
            return { done: null, 'no token': words.tokenWrong, 'of another': words.tokenOfAnother(name) }[
              outcome
            ]
          }}
        />
        {anothers !== '' && isKept && (
          <>
            <Text size="sm" mt="md" mb="xs">
              {words.keptUntilBack(name)}
            </Text>
            <Button variant="default" onClick={() => void signInInstead(anothers)}>
              {words.signInInstead(nameInToken(anothers)?.name ?? '')}
            </Button>
          </>
        )}
      </Modal>
    </div>
  )
}
