interface FilterChipsProps<V> {
  readonly choices: readonly (readonly [value: V, label: string])[]
  readonly value: V
  readonly onChange: (value: V) => void
}

/** One of a few ready-made views. */
export const FilterChips = <V extends string | boolean | null>({
  choices,
  value,
  onChange,
}: FilterChipsProps<V>) =>
  choices.map(([choice, label]) => (
    <button
      key={String(choice)}
      type="button"
      className="filter-chip"
      aria-pressed={choice === value}
      onClick={() => onChange(choice)}
    >
      {label}
    </button>
  ))
