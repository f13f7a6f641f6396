export default function Search({ onClose }: { readonly onClose: () => void }) {
  return <button type="button" onClick={onClose} />
}
