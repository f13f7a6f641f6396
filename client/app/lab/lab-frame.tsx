export default function LabFrame() {
  return null
}
