import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { navigate } from './route.ts'

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly to: string
}

/** A real link: it can be opened in another tab, and a plain click stays in this page. */
export const Link = ({ to, onClick, ...rest }: LinkProps) => (
  <a
    href={to}
    {...rest}
    onClick={event => {
      onClick?.(event)
      if (!isPlain(event)) return
      event.preventDefault()
      navigate(to)
    }}
  />
)

/** Nothing that opens another tab. */
export const isPlain = (event: MouseEvent): boolean =>
  !event.defaultPrevented &&
  event.button === 0 &&
  !event.metaKey &&
  !event.ctrlKey &&
  !event.shiftKey &&
  !event.altKey
