import { IconAlertTriangleFilled } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTray } from '../../react/index.ts'
import { useAppWords } from '../words/app-words.ts'
import { Empty } from './empty.tsx'
import { Drawer } from './dialog.tsx'
import { refusedChanges } from './refused-changes.ts'
import './state.css'

const RefusedList = lazy(() => import('./refused-list.tsx'))

/** In the header, and only when there is something in it: what the server refused, kept until its writer decides. */
export const RefusedTray = () => {
  const words = useAppWords()
  const { items } = useTray()
  const [isOpen, setIsOpen] = useState(false)
  const count = refusedChanges(items ?? []).length
  return (
    <>
      <span className="visually-hidden" role="status">
        {count > 0 && words.trayCount(count)}
      </span>
      {(count > 0 || isOpen) && (
        <button
          type="button"
          className="refused-button"
          aria-label={words.trayCount(count)}
          onClick={() => setIsOpen(true)}
        >
          <IconAlertTriangleFilled size={16} aria-hidden />
          {count}
        </button>
      )}
      <Drawer opened={isOpen} onClose={() => setIsOpen(false)} position="right" title={words.tray}>
        <Suspense fallback={<Empty isQuiet title={words.loading} />}>
          <RefusedList />
        </Suspense>
      </Drawer>
    </>
  )
}
