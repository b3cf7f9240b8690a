import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { malformedXml } from './s3-error.ts'

/** An element: text, children by name, or one of both for each time that it is repeated. */
export type XmlValue = string | number | boolean | XmlElements | readonly XmlValue[]

/** Elements by name. Those that are undefined are left out. */
export interface XmlElements {
  readonly [name: string]: XmlValue | undefined
}

export function xmlDocument(root: string, children: XmlElements): string {
  const namespace = root === 'Error' ? '' : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${elements(children)}</${root}>`
}

function elements(children: XmlElements): string {
  return Object.entries(children)
    .map(([name, value]) => (value === undefined ? '' : element(name, value)))
    .join('')
}

function element(name: string, value: XmlValue): string {
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('')
  const content = typeof value === 'object' ? elements(value as XmlElements) : escaped(String(value))
  return `<${name}>${content}</${name}>`
}

/** Parsers normalise line ends and refuse control characters unless they are escaped. */
function escaped(text: string): string {
  return text.replace(/[&<>"'\u0000-\u001f]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`)
}

const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true })

/** The children of the root element of what a client sent; text stays text. */
export function parseXml(text: string, root: string): XmlElements {
  if (XMLValidator.validate(text) !== true) throw malformedXml()
  const children = parser.parse(text)[root]
  if (typeof children !== 'object') throw malformedXml()
  return children
}

/** All elements of a name, however many there are. */
export function repeated(parent: XmlElements, name: string): readonly XmlElements[] {
  const value = parent[name] ?? []
  return (Array.isArray(value) ? value : [value]) as readonly XmlElements[]
}
