/** What is wrong with a row of a shipment file, or with the file, as the register says it (smoc_service/imports/core/rows.py). */
const SENTENCES: readonly [RegExp, (...parts: string[]) => string][] = [
  [/^(\d+) fields, the line of names has (\d+)$/, (count, wanted) => $localize`${count}:count: fields, the line of names has ${wanted}:wanted:`],
  [/^(\w+): is empty, (\w+) is not$/, (column, other) => $localize`${column}:column:: is empty, ${other}:other: is not`],
  [/^(\w+): is empty$/, (column) => $localize`${column}:column:: is empty`],
  [/^network: (.+) is none of those that you may see$/, (network) => $localize`network: ${network}:network: is none of those that you may see`],
  [/^network: (.+) is no network's name$/, (network) => $localize`network: ${network}:network: is no network's name`],
  [/^serial: (.+) stands in line (\d+) already$/, (device, line) => $localize`serial: ${device}:device: stands in line ${line}:line: already`],
  [/^serial: (.+) holds a "\/"$/, (serial) => $localize`serial: ${serial}:serial: holds a "/"`],
  [/^serial: (.+) was rounded by a spreadsheet; format the column as text$/, (serial) => $localize`serial: ${serial}:serial: was rounded by a spreadsheet; format the column as text`],
  [/^(\w+): longer than (\d+) characters$/, (column, most) => $localize`${column}:column:: longer than ${most}:most: characters`],
  [/^(\w+): (.+) holds characters that cannot be printed$/, (column, text) => $localize`${column}:column:: ${text}:text: holds characters that cannot be printed`],
  [/^(\w+): (.+) is not from (-\d+) to (\d+) degrees$/, (column, text, least, most) => $localize`${column}:column:: ${text}:text: is not from ${least}:least: to ${most}:most: degrees`],
  [/^latitude: 0\/0 is no place; leave both empty where it is not known$/, () => $localize`latitude: 0/0 is no place; leave both empty where it is not known`],
  [/^the file is empty$/, () => $localize`the file is empty`],
  [/^the file has no row below its line of names$/, () => $localize`the file has no row below its line of names`],
  [/^line (\d+): more than ([\d,]+) rows$/, (line, most) => $localize`line ${line}:line:: more than ${most}:most: rows`],
  [/^line (\d+): no line of names; it is to hold (.+), separated by , or ;$/, (line, names) => $localize`line ${line}:line:: no line of names; it is to hold ${names}:names:, separated by , or ;`],
  [/^line (\d+): column (\d+) has no name$/, (line, number) => $localize`line ${line}:line:: column ${number}:number: has no name`],
  [/^line (\d+): column (.+) is not known; those known are (.+)$/, (line, name, names) => $localize`line ${line}:line:: column ${name}:name: is not known; those known are ${names}:names:`],
  [/^line (\d+): column (.+) stands twice$/, (line, name) => $localize`line ${line}:line:: column ${name}:name: stands twice`],
  [/^line (\d+): column (.+) is missing$/, (line, name) => $localize`line ${line}:line:: column ${name}:name: is missing`],
  [/^line (\d+): the file is UTF-16 \("Unicode text"\); save it as "CSV UTF-8" instead$/, (line) => $localize`line ${line}:line:: the file is UTF-16 ("Unicode text"); save it as "CSV UTF-8" instead`],
  [/^line (\d+): byte (0x[0-9A-F]{2}) is not UTF-8; save the file as "CSV UTF-8"$/, (line, byte) => $localize`line ${line}:line:: byte ${byte}:byte: is not UTF-8; save the file as "CSV UTF-8"`],
  [/^line (\d+): longer than (\d+) characters$/, (line, most) => $localize`line ${line}:line:: longer than ${most}:most: characters`],
  [/^line (\d+): a quote is opened and never closed$/, (line) => $localize`line ${line}:line:: a quote is opened and never closed`],
  [/^line (\d+): the line of names is not CSV: '(.)' expected after '"'$/, (line, separator) => $localize`line ${line}:line:: in the line of names something other than ${separator}:separator: follows a closing quote`],
  [/^not CSV: '(.)' expected after '"'$/, (separator) => $localize`something other than ${separator}:separator: follows a closing quote`],
];

/** Return what is wrong in the person's language; names of columns stay, as the file has them. */
export function rowDetail(detail: string | null): string {
  for (const [pattern, sentence] of SENTENCES) {
    const found = detail === null ? null : pattern.exec(detail);
    if (found) return sentence(...found.slice(1));
  }
  return detail ?? '';
}
