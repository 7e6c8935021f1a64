/** Parts of an OpenAPI document that are looked at one by one. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

type Part = Readonly<Record<string, unknown>>

export interface Described {
  readonly name: string
  readonly description: string | undefined
}

/** Its parameters, and the fields of the bodies that are sent. */
export function partsOf(document: Part): { parameters: Described[]; fields: Described[] } {
  const all = everyPart(document)
  const isParameter = ({ in: place, name }: Part) => typeof place === 'string' && typeof name === 'string'
  const bodies = all.flatMap(({ requestBody }) => (requestBody === undefined ? [] : [requestBody as Part]))
  const schemas = everyPart(bodies).flatMap(({ schema }) =>
    schema === undefined ? [] : [found(document, schema as Part)],
  )
  return {
    parameters: all
      .filter(one => isParameter(one) && one.schema !== undefined)
      .map(one => described(String(one.name), one)),
    fields: schemas.flatMap(({ properties, items }) =>
      Object.entries((properties ?? found(document, items as Part).properties) as Record<string, Part>).map(
        ([name, field]) => described(name, field.description === undefined ? found(document, field) : field),
      ),
    ),
  }
}

/** Which examples are not as the schema says that they stand with, and how many there are. */
export function faultsInExamples(document: Part): { faults: string[]; examples: number } {
  const ajv = addFormats.default(new Ajv2020({ strict: false, validateSchema: false }))
  ajv.addSchema(document, 'document')
  const cases = everyPart(document).flatMap(part =>
    examplesIn(part).map(example => ({ schema: schemaOf(part), example })),
  )
  const faults = cases.flatMap(({ schema, example }) => {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')))
    return validate(example) ? [] : [`${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`]
  })
  return { faults, examples: cases.length }
}

/** Those of a schema are a list; those of a body, a parameter or a header have their schema beside them. */
function examplesIn({ example, examples, schema, type }: Part): unknown[] {
  if (schema !== undefined && example !== undefined) return [example]
  if (schema !== undefined)
    return Object.values((examples ?? {}) as Record<string, Part>).map(({ value }) => value)
  return Array.isArray(examples) && type !== undefined ? examples : []
}

function schemaOf(part: Part): unknown {
  return part.schema ?? part
}

function everyPart(part: unknown): Part[] {
  if (typeof part !== 'object' || part === null) return []
  return [part as Part, ...Object.values(part).flatMap(everyPart)]
}

function found(document: Part, part: Part): Part {
  if (typeof part.$ref !== 'string') return part
  const names = part.$ref.slice(2).split('/')
  return names.reduce((one, name) => one[name] as Part, document) // a reference leads to something
}

function described(name: string, { description }: Part): Described {
  return { name, description: typeof description === 'string' ? description : undefined }
}
