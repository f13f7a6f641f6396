import { Anchor, Button, Paper, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useAppWords } from '../words/app-words.ts'
import { begin, signIn } from './session.ts'

/** Outside the demo whoever signs people in gives them a token. */
export const SignIn = ({ isDemo }: { readonly isDemo: boolean }) => {
  const words = useAppWords()
  const [token, setToken] = useState('')
  const [isWrong, setIsWrong] = useState(false)
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="lg" maw={440} w="100%">
        <form
          onSubmit={event => {
            event.preventDefault()
            setIsWrong(!signIn(token.trim()))
          }}
        >
          <Stack gap="md">
            <img src="/icon.svg" width="48" height="48" alt="" />
            <h1 className="page-title">{words.signIn}</h1>
            {isDemo && (
              <Text size="sm">
                {words.signedOut}{' '}
                <Anchor component="button" type="button" onClick={() => void begin()}>
                  {words.continueDemo}
                </Anchor>
              </Text>
            )}
            <Textarea
              label={words.tokenLabel}
              description={words.tokenHint}
              error={isWrong ? words.tokenWrong : undefined}
              minRows={4}
              autosize
              maxRows={8}
              spellCheck={false}
              autoComplete="off"
              value={token}
              onChange={event => {
                setToken(event.currentTarget.value)
                setIsWrong(false)
              }}
            />
            <Button type="submit" disabled={token.trim() === ''}>
              {words.signIn}
            </Button>
          </Stack>
        </form>
      </Paper>
    </main>
  )
}
