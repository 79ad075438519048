// GitHub's GraphQL schema: documents, variables and data are held against it.
//
// The published file breaks the rules in two places, each a field that is there twice. Exactly
// those are mended before it is read, and only as long as both copies are equal but for
// their prose; any other fault
// in the file stops everything, because a schema with faults validates nothing for sure.

import {
    GraphQLError, Kind, buildASTSchema, getVariableValues, isAbstractType, isEnumType, isLeafType, isListType,
    isNonNullType, parse, print, validate, validateSchema, visit,
} from 'graphql';

const DOUBLED = {
    EnterpriseOwnerInfo: ['repositoryDeployKeySetting', 'repositoryDeployKeySettingOrganizations'],
};

/** The schema from its published text. Throws if it has a fault besides the two known ones. */
export function schemaFrom(text, doubled = DOUBLED) {
    const document = parse(text, { noLocation: true });
    const mended = new Set();
    const definitions = document.definitions.map((definition) => {
        const names = doubled[definition.name?.value];
        if (!names) return definition;
        const known = new Map();
        const fields = definition.fields.filter((field) => {
            const name = field.name.value;
            const written = print(visit(field, { leave: ({ description, ...node }) => node }));
            const twice = names.includes(name) && known.get(name) === written;
            if (twice) mended.add(name);
            known.set(name, written);
            return !twice;
        });
        return { ...definition, fields };
    });
    for (const name of Object.values(doubled).flat()) {
        if (!mended.has(name)) throw new Error(`the schema is mended: take ${name} out of DOUBLED`);
    }
    const schema = buildASTSchema({ ...document, definitions });
    const faults = validateSchema(schema);
    if (faults.length > 0) throw new Error(`the schema has faults: ${faults.map(String).join('; ')}`);
    return schema;
}

/** All that is wrong with a document and its variables. */
export function documentWrongs(schema, query, variables, operationName) {
    let document;
    try {
        document = parse(query);
    } catch (error) {
        if (error instanceof GraphQLError) return [error.message];
        throw error;
    }
    const wrongs = validate(schema, document).map((error) => error.message);
    if (wrongs.length > 0) return wrongs;
    const operation = chosen(document, operationName);
    if (!operation) return ['no such operation'];
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    return (errors ?? []).map((error) => error.message);
}

function chosen(document, name) {
    const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
    return name ? operations.find((one) => one.name?.value === name) : operations[0];
}

/** All that is wrong with the data a document was answered with: unknown or missing keys, nulls
 * where there are none, values that the type does not have. */
export function dataWrongs(schema, query, data, operationName) {
    const document = parse(query);
    const operation = chosen(document, operationName);
    const fragments = new Map(document.definitions
        .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
        .map((one) => [one.name.value, one]));
    const wrongs = [];
    if (data !== null) object(schema.getRootType(operation.operation), [operation.selectionSet], data, 'data');
    return wrongs;

    function object(type, sets, value, place) {
        let concrete = type;
        if (isAbstractType(type)) {
            // Which of the types it is is only known if the document asked for it.
            concrete = value.__typename ? schema.getType(value.__typename) : null;
            if (value.__typename && !schema.isSubType(type, concrete)) {
                wrongs.push(`${place}: ${value.__typename} is no ${type.name}`);
                return;
            }
        }
        const fields = new Map();
        const optional = new Set();
        for (const set of sets) collect(set, type, false);
        for (const [key, list] of fields) {
            if (!(key in value)) {
                if (!optional.has(key)) wrongs.push(`${place}: ${key} is missing`);
                continue;
            }
            const { parent, node } = list[0];
            if (node.name.value === '__typename') continue;
            const inner = list.flatMap((one) => one.node.selectionSet ? [one.node.selectionSet] : []);
            complete(parent.getFields()[node.name.value].type, inner, value[key], `${place}.${key}`);
        }
        for (const key of Object.keys(value)) {
            if (!fields.has(key)) wrongs.push(`${place}: ${key} was not asked for`);
        }

        function collect(set, on, maybe) {
            for (const node of set.selections) {
                const unsure = maybe || (node.directives ?? []).length > 0;
                if (node.kind === Kind.FIELD) {
                    const key = (node.alias ?? node.name).value;
                    if (!fields.has(key)) fields.set(key, []);
                    fields.get(key).push({ parent: on, node });
                    if (unsure) optional.add(key);
                    continue;
                }
                const part = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
                const condition = part.typeCondition ? schema.getType(part.typeCondition.name.value) : on;
                const sure = condition === on || condition === concrete
                    || (concrete && isAbstractType(condition) && schema.isSubType(condition, concrete));
                if (!sure && concrete) continue;
                collect(part.selectionSet, condition, unsure || !sure);
            }
        }
    }

    function complete(type, sets, value, place) {
        if (isNonNullType(type)) {
            if (value === null) wrongs.push(`${place}: null in ${type}`);
            else complete(type.ofType, sets, value, place);
        } else if (value === null) {
            // Allowed.
        } else if (isListType(type)) {
            if (!Array.isArray(value)) wrongs.push(`${place}: no list in ${type}`);
            else value.forEach((item, at) => complete(type.ofType, sets, item, `${place}[${at}]`));
        } else if (isLeafType(type)) {
            if (!leafFits(type, value)) wrongs.push(`${place}: ${JSON.stringify(value)} is no ${type}`);
        } else if (typeof value !== 'object' || Array.isArray(value)) {
            wrongs.push(`${place}: no object in ${type}`);
        } else {
            object(type, sets, value, place);
        }
    }
}

function leafFits(type, value) {
    if (isEnumType(type)) return type.getValue(value) !== undefined;
    switch (type.name) {
        case 'Int': return Number.isInteger(value) && Math.abs(value) < 2 ** 31;
        case 'Float': return typeof value === 'number';
        case 'Boolean': return typeof value === 'boolean';
        case 'DateTime': return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
        case 'URI': return typeof value === 'string' && /^(https?:\/\/\S+|\/\S*)$/.test(value);
        // As GitHub answers it: a number in a string.
        case 'BigInt': return typeof value === 'string' && /^\d+$/.test(value);
        default: return typeof value === 'string';
    }
}
