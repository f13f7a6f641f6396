import { Anchor, Paper, Stack, Text } from '@mantine/core'
import { useEffect } from 'react'
import { useAppWords } from '../words/app-words.ts'
import { begin, signIn } from './session.ts'
import { TokenForm } from './token-form.tsx'

/** Outside the demo whoever signs people in gives them a token. */
export const SignIn = ({ isDemo }: { readonly isDemo: boolean }) => {
  const words = useAppWords()
  // What the last one looked at is nothing for the tab to say.
  useEffect(() => {
    document.title = `${words.signIn} · corecord`
  }, [words])
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="lg" maw={440} w="100%">
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
          <TokenForm submit={words.signIn} onToken={token => (signIn(token) ? null : words.tokenWrong)} />
        </Stack>
      </Paper>
    </main>
  )
}
