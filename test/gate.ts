/** What a test holds back, and its letting go. */
export const gate = (): [opened: Promise<void>, open: () => void] => {
  let open = (): void => {}
  const opened = new Promise<void>(done => {
    open = done
  })
  return [opened, open]
}
