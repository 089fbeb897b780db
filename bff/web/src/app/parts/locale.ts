/** The language this build was made for: `$localize` knows it. */
export function locale(): string {
  return $localize.locale ?? 'en';
}

export function nameLocale(): void {
  document.documentElement.lang = locale();
}
