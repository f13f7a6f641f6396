import type { ReactNode } from 'react'

export const StateChip = ({ look, children }: { readonly look: string; readonly children: ReactNode }) => (
  <span className="state-chip" data-look={look}>
    {children}
  </span>
)
