export default function SalesWorkspace() {
  return null
}
