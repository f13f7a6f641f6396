import type { ComponentType, ReactNode } from 'react'
import './state.css'

interface EmptyProps {
  readonly icon?: ComponentType<{
    readonly size?: number
    readonly stroke?: number
    readonly 'aria-hidden'?: boolean
  }>
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
  /** Inside of a page that has more to show. */
  readonly isQuiet?: boolean
  /** To be read out when it appears. */
  readonly role?: 'status' | 'alert'
}

/** Nothing is ever empty without a word. */
export const Empty = ({ icon: Icon, title, children, action, isQuiet, role = 'status' }: EmptyProps) => (
  <div className="empty" role={role} data-quiet={isQuiet === true ? '' : undefined}>
    {Icon !== undefined && isQuiet !== true && <Icon size={36} stroke={1.4} aria-hidden />}
    <div className="empty-title">{title}</div>
    {children !== undefined && <div>{children}</div>}
    {action}
  </div>
)
