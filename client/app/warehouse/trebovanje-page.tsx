import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconBan, IconLockOpen, IconPlus, IconRotate2, IconTrash } from '@tabler/icons-react'
import { shallowEqual } from '@mantine/hooks'
import { memo, useCallback, useMemo, useRef, useState } from 'react'
import { joinPath, type PickedItem, Trebovanje, type ViewOf } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { usePasteLines } from '../fields/paste-lines.ts'
import { SelectField } from '../fields/select-field.tsx'
import { TextField } from '../fields/text-field.tsx'
import { useNear } from '../fields/use-near.ts'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useNameOf } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useNewTrebovanje } from './new-trebovanje.ts'
import { Progress, StatusChip } from './progress.tsx'
import { TaskCards } from './task-cards.tsx'
import { useWarehouseWords } from './warehouse-words.ts'
import { labelled } from '../words/labelled.ts'

type TrebovanjeView = ViewOf<typeof Trebovanje>

export const TrebovanjePage = ({ id }: { readonly id: string }) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const isLead = useHasRole('shift_lead')
  const first = useNewTrebovanje()
  const mayWrite = useMayWrite(Trebovanje, id, 'items')
  const { view, set } = useRecord(Trebovanje, id)
  const field = { type: Trebovanje, id }
  return (
    <RecordPage
      type={Trebovanje}
      id={id}
      title={view?.number ?? ''}
      back={{ to: '/warehouse/trebovanja', label: appWords.trebovanja }}
      badge={view !== undefined && <StatusChip status={view.status} />}
      canRemove={isLead}
      first={first}
      isWide
      entryName={(list, entry) => {
        const item = list === 'items' ? view?.items.find(({ id }) => id === entry) : undefined
        return item?.name ?? item?.sku ?? undefined
      }}
      showValue={(path, value) => {
        const part = path.split('/').at(-1)
        if (part === 'item') return view?.items.find(one => one.id === value)?.name ?? undefined
        const isChoice = (part === 'priority' || part === 'reason') && Object.hasOwn(words, String(value))
        return isChoice ? String(words[value as 'high']) : undefined
      }}
      actions={
        view !== undefined && isLead ? (
          <>
            {view.closedAt !== null && (
              <Button
                variant="default"
                leftSection={<IconLockOpen size={16} />}
                onClick={() => set({ closedAt: null })}
              >
                {words.reopen}
              </Button>
            )}
            {view.cancelled ? (
              <Button
                variant="default"
                leftSection={<IconRotate2 size={16} />}
                onClick={() => set({ cancelled: false })}
              >
                {words.uncancel}
              </Button>
            ) : (
              view.closedAt === null && (
                <Button
                  variant="default"
                  leftSection={<IconBan size={16} />}
                  onClick={() => set({ cancelled: true })}
                >
                  {words.cancelIt}
                </Button>
              )
            )}
          </>
        ) : undefined
      }
    >
      {view !== undefined && (
        <div className="record-columns trebovanje-columns">
          <div className="record-stack">
            <section className="card card-body" aria-label={words.progress}>
              <div className="progress-head">
                <JustChanged of={view.progress} className="progress-head-bar">
                  <Progress size="lg" value={view.progress} state={view.status} label={words.progress} />
                </JustChanged>
                <span className="quiet">
                  {words.itemsOf(format.number(view.completedItems), view.totalItems)}
                  {view.itemsWithShortages > 0 && (
                    <span className="short"> · {words.shortages(view.itemsWithShortages)}</span>
                  )}
                  {view.closedAt !== null && <> · {words.closed(format.dateTime(view.closedAt))}</>}
                </span>
              </div>
              <div className="field-grid">
                <LineField {...field} path="number" label={words.number} />
                <LineField {...field} path="customer" label={words.customer} />
                <LineField {...field} path="warehouse" label={words.warehouse} />
                <SelectField
                  {...field}
                  path="priority"
                  label={words.priority}
                  choices={(['low', 'normal', 'high', 'urgent'] as const).map(value => ({
                    value,
                    label: words[value],
                  }))}
                />
                <DateField {...field} path="due" kind="time" label={words.due} />
                <TextField {...field} path="note" label={words.note} className="span-all" />
              </div>
            </section>
            <Items id={id} view={view} mayWrite={mayWrite} />
            <Scans view={view} />
          </div>
          <div className="record-stack">
            <TaskCards id={id} view={view} />
            <Shortages id={id} view={view} />
          </div>
        </div>
      )}
    </RecordPage>
  )
}

interface PartProps {
  readonly id: string
  readonly view: TrebovanjeView
}

const Items = ({ id, view, mayWrite }: PartProps & { readonly mayWrite: boolean }) => {
  const words = useWarehouseWords()
  const { record } = useRecord(Trebovanje, id)
  const columns = useMemo(
    () =>
      [
        { field: 'sku', label: words.sku, kind: 'line' },
        { field: 'name', label: words.name, kind: 'line' },
        { field: 'place', label: words.place, kind: 'line' },
        { field: 'unit', label: words.unit, kind: 'line' },
        { field: 'required', label: words.required, kind: 'number' },
      ] as const,
    [words],
  )
  const paste = usePasteLines({
    record: record as LiveRecord | null,
    list: 'items',
    lines: view.items,
    columns,
    canWrite: mayWrite,
  })
  const remove = useCallback(
    (item: string): void => void tryTo(() => record?.list('items').remove(item)),
    [record],
  )
  return (
    <section className="card table-card" aria-label={words.items} onPaste={paste}>
      <table className="record-table items-table">
        <thead>
          <tr>
            {columns.map(({ field, label, kind }) => (
              <th key={field} scope="col" className={kind === 'number' ? 'num' : undefined}>
                {label}
              </th>
            ))}
            <th scope="col" className="num">
              {words.picked}
            </th>
            <th scope="col" className="items-progress">
              {words.progress}
            </th>
            {mayWrite && (
              <th scope="col">
                <span className="visually-hidden">{words.removeItem}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {view.picked.map((item, index) => (
            <Item
              key={item.id}
              id={id}
              item={item}
              place={view.items[index]?.place ?? null}
              index={index}
              columns={columns}
              {...(mayWrite ? { onRemove: remove } : {})}
            />
          ))}
        </tbody>
      </table>
      {view.picked.length === 0 && <Empty isQuiet title={words.noItems} />}
      {mayWrite && <AddItem id={id} />}
    </section>
  )
}

interface ItemProps {
  readonly id: string
  readonly item: PickedItem
  readonly place: string | null
  readonly index: number
  readonly columns: readonly {
    readonly field: 'sku' | 'name' | 'place' | 'unit' | 'required'
    readonly label: string
    readonly kind: 'line' | 'number'
  }[]
  readonly onRemove?: (item: string) => void
}

const ItemOf = ({ id, item, place, index, columns, onRemove }: ItemProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const row = useRef<HTMLTableRowElement>(null)
  const isNear = useNear(row, index)
  return (
    <tr ref={row} data-line={item.id} data-testid={`item-${item.sku}`}>
      {columns.map(({ field, label, kind }) => {
        const Field = kind === 'number' ? NumberField : LineField
        return (
          <td key={field} className={kind === 'number' ? 'num' : undefined} data-label={label}>
            {isNear ? (
              <Field
                isLabelHidden
                type={Trebovanje}
                id={id}
                path={joinPath('items', item.id, field)}
                label={labelled(label, item.sku)}
                variant="unstyled"
              />
            ) : field === 'place' ? (
              place
            ) : field === 'required' ? (
              format.number(item.required)
            ) : (
              item[field]
            )}
          </td>
        )
      })}
      <td className="num" data-label={words.picked}>
        <JustChanged of={item.picked}>
          <strong>{format.number(item.picked)}</strong>
        </JustChanged>
      </td>
      <td data-label={words.progress}>
        <Progress
          isNumberHidden
          value={Math.floor(100 * item.settled)}
          label={labelled(item.name, words.progress)}
          state={item.state === 'short' ? 'short' : item.settled === 1 ? 'done' : 'in_progress'}
        />
        {item.short > 0 && (
          <span className="short">
            {appWords.beforeValue(words.short)} {format.number(item.short)}
          </span>
        )}
      </td>
      {onRemove !== undefined && (
        <td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={labelled(words.removeItem, item.name)}
            onClick={() => onRemove(item.id)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </td>
      )}
    </tr>
  )
}

/** What is derived is another object after each scan; of fifteen hundred items one has changed. */
const Item = memo(
  ItemOf,
  ({ item, ...before }, { item: itemNow, ...now }) =>
    shallowEqual(before, now) && shallowEqual(item, itemNow),
)

const AddItem = ({ id }: { readonly id: string }) => {
  const words = useWarehouseWords()
  const { record } = useRecord(Trebovanje, id)
  const [sku, setSku] = useState('')
  const add = (): void => {
    if (sku.trim() === '') return
    if (tryTo(() => record?.list('items').add({ sku: sku.trim(), required: 1 }))) setSku('')
  }
  return (
    <form
      className="add-line"
      onSubmit={event => {
        event.preventDefault()
        add()
      }}
    >
      <TextInput
        aria-label={words.sku}
        placeholder={words.sku}
        value={sku}
        onChange={event => setSku(event.currentTarget.value)}
      />
      <Button type="submit" variant="light" leftSection={<IconPlus size={16} />} disabled={sku.trim() === ''}>
        {words.addItem}
      </Button>
    </form>
  )
}

const Scans = ({ view }: { readonly view: TrebovanjeView }) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const [shown, setShown] = useState(12)
  const done = [
    ...view.scans.map(scan => ({
      ...scan,
      text: `${scan.quantity !== null && scan.quantity < 0 ? '−' : '+'}${format.number(Math.abs(scan.quantity ?? 1))}`,
    })),
    ...view.manual.map(completion => ({ ...completion, text: words.byHand })),
  ].sort((a, b) => b.at - a.at)
  return (
    <section className="card card-body" aria-label={words.scans}>
      <h2 className="card-title">
        {words.scans} <span className="quiet">{format.number(view.scans.length)}</span>
      </h2>
      {done.length === 0 && <Empty isQuiet title={words.noScans} />}
      <ul className="plain-list">
        {done.slice(0, shown).map(({ id: key, item, code, by, at, text }) => (
          <li key={key} className="scan-line">
            <span>{nameOfItem(view, item, code)}</span>
            <strong>{text}</strong>
            <span className="quiet">
              {nameOf(by)}, {format.dateTime(at)}
            </span>
          </li>
        ))}
      </ul>
      {done.length > shown && (
        <Button variant="default" size="compact-sm" mt="sm" onClick={() => setShown(shown + 50)}>
          {appWords.showMore}
        </Button>
      )}
    </section>
  )
}

/** What was taken off the list since has the code on its paper. */
const nameOfItem = ({ items }: TrebovanjeView, item: string | null, code: string | null): string => {
  const known = items.find(one => one.id === item)
  return known?.name ?? known?.sku ?? code ?? ''
}

const Shortages = ({ id, view }: PartProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const { record } = useRecord(Trebovanje, id)
  const mayRemove = useMayWrite(Trebovanje, id, 'shortages')
  return (
    <section className="card card-body" aria-label={words.shortageList}>
      <h2 className="card-title">{words.shortageList}</h2>
      {view.shortages.length === 0 && <Empty isQuiet title={words.noShortages} />}
      <ul className="plain-list">
        {view.shortages.map(({ id: key, item, code, quantity, reason, note, by, at }) => {
          const name = nameOfItem(view, item, code)
          const unit = view.items.find(one => one.id === item)?.unit
          return (
            <li key={key} className="shortage-line">
              <span>
                <strong>{name}</strong>: {format.number(quantity ?? 0)} {unit} – {words[reason]}
                {note !== null && ` (${note})`}
                <br />
                <span className="quiet">
                  {nameOf(by)}, {format.dateTime(at)}
                </span>
              </span>
              {mayRemove && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={labelled(words.removeItem, name)}
                  onClick={() => tryTo(() => record?.list('shortages').remove(key))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
