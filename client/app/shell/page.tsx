import { type ReactNode, useEffect } from 'react'
import './page.css'

interface PageProps {
  readonly title: string
  /** Stands where the title stands, when that is more than a text. */
  readonly heading?: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly isWide?: boolean
}

/** One page: its name for the tab and the screen reader, its buttons, its content. */
export const Page = ({ title, heading, aside, children, isWide }: PageProps) => {
  useEffect(() => {
    document.title = `${title} · corecord`
  }, [title])
  return (
    <div className="page" data-wide={isWide === true ? '' : undefined}>
      <div className="page-head">
        {heading ?? <h1 className="page-title">{title}</h1>}
        {aside !== undefined && <div className="page-aside">{aside}</div>}
      </div>
      {children}
    </div>
  )
}
