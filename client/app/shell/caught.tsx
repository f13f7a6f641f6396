import { Button } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { Component, type ReactNode } from 'react'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'

interface CaughtProps {
  readonly children: ReactNode
}

/** A page that fails, or that cannot be fetched, says so and leaves the rest of the app standing. */
export class Caught extends Component<CaughtProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Failed error={this.state.error} />
  }
}

const Failed = ({ error }: { readonly error: unknown }) => {
  const words = useAppWords()
  // A part of the app that could not be fetched; anything else is a mistake of ours, and is named.
  const isFetch =
    error instanceof Error &&
    (error instanceof TypeError ? /import|fetch|load/i : /^Unable to preload/).test(error.message)
  return (
    <Empty
      role="alert"
      icon={IconPlugConnectedX}
      title={words.pageFailed}
      action={
        <Button variant="light" onClick={() => location.reload()}>
          {words.reload}
        </Button>
      }
    >
      {isFetch ? words.pageFailedHint : error instanceof Error ? error.message : String(error)}
    </Empty>
  )
}
