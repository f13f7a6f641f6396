import { Button, NumberInput } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconMinus, IconPlus, IconRotate2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { Trebovanje, ViewOf } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useFormat } from '../format/use-format.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { localeOf, useLanguage } from '../words/language.ts'
import type { ItemToPick } from './pick-list.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { Drawer } from '../state/dialog.tsx'

interface ItemSheetProps {
  readonly item: ItemToPick
  readonly view: ViewOf<typeof Trebovanje>
  readonly record: LiveRecord<typeof Trebovanje>
  readonly onCount: (quantity: number) => void
  readonly onClose: () => void
}

const REASONS = ['not_found', 'damaged', 'too_few', 'other'] as const

/** What hands can do with one item, besides scanning it. */
export const ItemSheet = ({ item, view, record, onCount, onClose }: ItemSheetProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const left = Math.max(0, Math.round((item.required - item.picked - item.short) * 1_000) / 1_000)
  const [isShort, setIsShort] = useState(false)
  const [chosen, setChosen] = useState<number | null>(null)
  // What is scanned while the sheet is open is not to be counted once more.
  const quantity = chosen ?? (isShort || left > 0 ? left : 1)
  const completions = view.manual.filter(completion => completion.item === item.id)
  const then = (work: () => unknown): void => {
    if (tryTo(work)) onClose()
  }
  return (
    <Drawer
      opened
      onClose={onClose}
      position="bottom"
      classNames={{ content: 'sheet-from-below' }}
      title={
        <span>
          <strong>{item.name}</strong>{' '}
          <span className="quiet">
            {item.place} ·{' '}
            {words.counted(
              item.sku,
              format.number(item.picked),
              `${format.number(item.required)} ${item.unit}`,
            )}
          </span>
        </span>
      }
      closeButtonProps={{ size: 56, iconSize: 28 }}
    >
      <div className="item-sheet">
        <Quantity
          label={isShort ? words.missingQuantity : words.howMany}
          value={quantity}
          onChange={setChosen}
        />
        {isShort ? (
          <div className="item-sheet-buttons">
            {REASONS.map(reason => (
              <Button
                key={reason}
                className="glove"
                size="xl"
                variant="light"
                disabled={quantity <= 0}
                onClick={() =>
                  then(() =>
                    record.list('shortages').add({ item: item.id, code: item.sku, quantity, reason }),
                  )
                }
              >
                {words[reason]}
              </Button>
            ))}
            <Button className="glove" size="xl" variant="default" onClick={() => setIsShort(false)}>
              {words.back}
            </Button>
          </div>
        ) : (
          <div className="item-sheet-buttons">
            <Button
              className="glove"
              size="xl"
              leftSection={<IconPlus size={24} />}
              disabled={quantity <= 0}
              onClick={() => {
                onCount(quantity)
                onClose()
              }}
            >
              {words.add} {format.number(quantity)}
            </Button>
            <Button
              className="glove"
              size="xl"
              variant="default"
              leftSection={<IconRotate2 size={24} />}
              disabled={item.picked <= 0}
              onClick={() => onCount(-Math.min(1, item.picked))}
            >
              {words.takeOneBack}
            </Button>
            {completions.length === 0 ? (
              <Button
                className="glove"
                size="xl"
                variant="default"
                leftSection={<IconCheck size={24} />}
                disabled={item.state === 'complete'}
                onClick={() => then(() => record.list('manual').add({ item: item.id, code: item.sku }))}
              >
                {words.completeByHand}
              </Button>
            ) : (
              <Button
                className="glove"
                size="xl"
                variant="default"
                onClick={() => then(() => completions.forEach(({ id }) => record.list('manual').remove(id)))}
              >
                {words.undoByHand}
              </Button>
            )}
            <Button
              className="glove"
              size="xl"
              variant="default"
              leftSection={<IconAlertTriangle size={24} />}
              disabled={item.state === 'complete'}
              onClick={() => {
                setChosen(null)
                setIsShort(true)
              }}
            >
              {words.reportShortage}
            </Button>
          </div>
        )}
      </div>
    </Drawer>
  )
}

interface QuantityProps {
  readonly label: string
  readonly value: number
  readonly onChange: (value: number) => void
}

const Quantity = ({ label, value, onChange }: QuantityProps) => {
  const language = useLanguage()
  const separator = new Intl.NumberFormat(localeOf(language)).format(1.5).charAt(1)
  return (
    <div className="quantity">
      <Button
        className="glove"
        size="xl"
        variant="default"
        aria-label={`${label} −1`}
        onClick={() => onChange(Math.max(0, value - 1))}
      >
        <IconMinus size={26} />
      </Button>
      <NumberInput
        label={label}
        size="xl"
        className="quantity-input"
        hideControls
        min={0}
        max={9_999}
        decimalScale={3}
        decimalSeparator={separator}
        value={value}
        onChange={next => onChange(typeof next === 'number' ? next : 0)}
      />
      <Button
        className="glove"
        size="xl"
        variant="default"
        aria-label={`${label} +1`}
        onClick={() => onChange(value + 1)}
      >
        <IconPlus size={26} />
      </Button>
    </div>
  )
}
