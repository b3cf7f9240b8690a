import { styleText } from 'node:util'

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** The text in a colour, where the stream is a terminal that shows colours and NO_COLOR is not set. */
export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? styleText(colour, text, { stream }) : text
}
