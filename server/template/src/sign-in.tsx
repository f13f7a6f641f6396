export const SignIn = ({ onName }: { readonly onName: (name: string) => void }) => (
  <>
    <h1>Tasks</h1>
    <form
      onSubmit={event => {
        event.preventDefault()
        const name = new FormData(event.currentTarget).get('name')
        if (typeof name === 'string' && name.trim() !== '') onName(name.trim())
      }}
    >
      <label>
        Your name <input name="name" required maxLength={100} />
      </label>
      <button type="submit">Come in</button>
    </form>
  </>
)
