import { Button, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useAppWords } from '../words/app-words.ts'

interface TokenFormProps {
  readonly submit: string
  /** What is wrong with it, or null. */
  readonly onToken: (token: string) => string | null
}

export const TokenForm = ({ submit, onToken }: TokenFormProps) => {
  const words = useAppWords()
  const [token, setToken] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        setWrong(onToken(token.trim()))
      }}
    >
      <Stack gap="md">
        <Textarea
          label={words.tokenLabel}
          description={words.tokenHint}
          error={wrong ?? undefined}
          minRows={4}
          autosize
          maxRows={8}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          value={token}
          onChange={event => {
            setToken(event.currentTarget.value)
            setWrong(null)
          }}
        />
        <Button type="submit" disabled={token.trim() === ''}>
          {submit}
        </Button>
      </Stack>
    </form>
  )
}
