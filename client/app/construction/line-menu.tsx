import { ActionIcon, Menu } from '@mantine/core'
import { IconDotsVertical } from '@tabler/icons-react'
import { useState } from 'react'
import { useConstructionWords } from './construction-words.ts'

interface LineMenuProps {
  readonly name: string
  readonly onAbove: () => void
  readonly onBelow: () => void
  readonly onUp: () => void
  readonly onDown: () => void
  readonly onRemove: () => void
}

export const LineMenu = ({ name, onAbove, onBelow, onUp, onDown, onRemove }: LineMenuProps) => {
  const words = useConstructionWords()
  const [isOpen, setIsOpen] = useState(false)
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      tabIndex={-1}
      aria-label={words.lineMenu(name)}
      onClick={() => setIsOpen(true)}
    >
      <span className="grid-number">{name}</span>
      <IconDotsVertical size={14} aria-hidden />
    </ActionIcon>
  )
  // A menu for each of a thousand lines would cost more than the lines.
  if (!isOpen) return button
  return (
    <Menu opened onChange={setIsOpen} position="bottom-start" shadow="md" withinPortal>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onAbove}>{words.insertAbove}</Menu.Item>
        <Menu.Item onClick={onBelow}>{words.insertBelow}</Menu.Item>
        <Menu.Item onClick={onUp}>{words.moveUp}</Menu.Item>
        <Menu.Item onClick={onDown}>{words.moveDown}</Menu.Item>
        <Menu.Item color="red.8" onClick={onRemove}>
          {words.removeLine}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
