//! Checks a document before it runs. Any problem stops all of it: status 200, errors, and no
//! data at all.
//!
//! The rules are those a client runs into: unknown fields and arguments, missing arguments,
//! wrong literals, missing selections, fragments and variables, and different fields under one
//! key, which is what a list of generated aliases with a slip in it comes to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_graphql_parser::types::{
    Directive, Field, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet, Type,
};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::{Name, Value as Literal};
use serde_json::{Value, json};

use super::schema::{Input, Kind, base, schema};
use super::values::literal_fits;
use super::{Problem, located};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

struct Check<'a> {
    fragments: &'a Fragments,
    operation: &'a OperationDefinition,
    used: BTreeSet<String>,
    spread: BTreeSet<String>,
    /// The fragments being looked at, outermost first.
    within: Vec<String>,
    problems: Vec<Problem>,
    path: Vec<Value>,
}

/// All that is wrong with an operation.
pub(crate) fn validate(
    name: Option<&str>,
    operation: &Positioned<OperationDefinition>,
    fragments: &Fragments,
) -> Vec<Problem> {
    let (root, word) = match operation.node.ty {
        OperationType::Query => ("Query", "query"),
        OperationType::Mutation => ("Mutation", "mutation"),
        OperationType::Subscription => {
            return vec![located(
                "Schema is not configured for subscriptions",
                operation.pos,
            )];
        }
    };
    let start = name.map_or_else(|| word.to_owned(), |name| format!("{word} {name}"));
    let mut check = Check {
        fragments,
        operation: &operation.node,
        used: BTreeSet::new(),
        spread: BTreeSet::new(),
        within: Vec::new(),
        problems: Vec::new(),
        path: vec![json!(start)],
    };
    check.conflicts(&operation.node.selection_set.node, root);
    check.selections(&operation.node.selection_set.node, root);
    for definition in &operation.node.variable_definitions {
        let name = definition.node.name.node.as_str();
        if schema()
            .kind(base(&definition.node.var_type.node))
            .is_none()
        {
            let ty = base(&definition.node.var_type.node);
            let message = format!("{ty} isn't a defined input type (on ${name})");
            check.report(
                message,
                definition.pos,
                "variableRequiresValidType",
                json!({}),
            );
        }
        if !check.used.contains(name) {
            let message = format!("Variable ${name} is declared by {start} but not used");
            let more = json!({ "variableName": name });
            check.report(message, definition.pos, "variableNotUsed", more);
        }
    }
    let mut unused: Vec<_> = (fragments.iter())
        .filter(|(name, _)| !check.spread.contains(name.as_str()))
        .collect();
    unused.sort_by_key(|(name, _)| name.to_string());
    for (name, fragment) in unused {
        let message = format!("Fragment {name} was defined, but not used");
        let more = json!({ "fragmentName": name.as_str() });
        check.report(message, fragment.pos, "useAndDefineFragment", more);
    }
    check.problems
}

impl Check<'_> {
    fn report(&mut self, message: String, pos: Pos, code: &str, mut extensions: Value) {
        extensions["code"] = json!(code);
        let mut problem = located(message, pos);
        problem.path.clone_from(&self.path);
        problem.extensions = Some(extensions);
        self.problems.push(problem);
    }

    fn selections(&mut self, set: &SelectionSet, ty: &str) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(field, ty),
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives);
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map_or(ty, |condition| condition.node.on.node.as_str());
                    self.path.push(json!(format!("... on {on}")));
                    self.inside(&inline.node.selection_set.node, ty, on, inline.pos);
                    self.path.pop();
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives);
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.fragments.get(name) else {
                        let message = format!("Fragment {name} was used, but not defined");
                        let more = json!({ "fragmentName": name });
                        self.report(message, spread.pos, "useAndDefineFragment", more);
                        continue;
                    };
                    if self.within.iter().any(|outer| outer == name) {
                        let message = format!("Fragment {name} contains an infinite loop");
                        let more = json!({ "fragmentName": name });
                        self.report(message, spread.pos, "infiniteLoop", more);
                    }
                    // Each fragment is looked at once, which also ends circles.
                    if self.spread.insert(name.to_owned()) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let outer = std::mem::replace(
                            &mut self.path,
                            vec![json!(format!("fragment {name}"))],
                        );
                        self.within.push(name.to_owned());
                        self.inside(&fragment.node.selection_set.node, ty, on, spread.pos);
                        self.within.pop();
                        self.path = outer;
                    }
                }
            }
        }
    }

    /// Two fields under one key must be the same field with the same arguments, unless no
    /// thing can have both.
    fn conflicts(&mut self, set: &SelectionSet, ty: &str) {
        let mut found = Vec::new();
        flatten(self.fragments, set, ty, 0, &mut found);
        let mut known: BTreeMap<&str, Vec<(&str, &Positioned<Field>)>> = BTreeMap::new();
        for (ty, field) in found {
            let key = field.node.response_key().node.as_str();
            let others = known.entry(key).or_default();
            let clash = (others.iter())
                .filter(|(on, _)| schema().overlap(on, ty))
                .find(|(_, other)| !same(&other.node, &field.node))
                .map(|(_, other)| *other);
            others.push((ty, field));
            let Some(other) = clash else { continue };
            let (one, two) = (&other.node.name.node, &field.node.name.node);
            let message = if one == two {
                format!("Field '{key}' has an argument conflict")
            } else {
                format!("Field '{key}' has a field conflict: {one} or {two}?")
            };
            let more = json!({ "fieldName": key, "conflicts": format!("{one} or {two}") });
            self.report(message, field.pos, "fieldConflict", more);
        }
    }

    fn inside(&mut self, set: &SelectionSet, outer: &str, on: &str, pos: Pos) {
        if !schema().composite(on) {
            let message = format!("No such type {on}, so it can't be a fragment condition");
            self.report(message, pos, "undefinedType", json!({ "typeName": on }));
        } else if !schema().overlap(outer, on) {
            let message = format!("Fragment on {on} can't be spread inside {outer}");
            let more = json!({ "typeName": on, "parentName": outer });
            self.report(message, pos, "cannotSpreadFragment", more);
        } else {
            self.selections(set, on);
        }
    }

    fn field(&mut self, field: &Positioned<Field>, ty: &str) {
        let pos = field.pos;
        let field = &field.node;
        let name = field.name.node.as_str();
        self.directives(&field.directives);
        if name == "__typename" {
            return;
        }
        self.path.push(json!(field.response_key().node.as_str()));
        match schema().field(ty, name) {
            None => {
                let message = format!("Field '{name}' doesn't exist on type '{ty}'");
                let more = json!({ "typeName": ty, "fieldName": name });
                self.report(message, pos, "undefinedField", more);
            }
            Some(output) => {
                let place = format!("Field '{name}'");
                self.arguments(&field.arguments, &output.args, &place, pos);
                let inner = base(&output.ty);
                let set = &field.selection_set.node;
                if schema().composite(inner) && set.items.is_empty() {
                    let message = format!(
                        "Field must have selections (field '{name}' returns {inner} but has no \
                         selections. Did you mean '{name} {{ ... }}'?)"
                    );
                    let more = json!({ "nodeName": format!("field '{name}'"), "typeName": inner });
                    self.report(message, pos, "selectionMismatch", more);
                } else if !schema().composite(inner) && !set.items.is_empty() {
                    let message = format!(
                        "Selections can't be made on scalars (field '{name}' returns {inner} but \
                         has selections)"
                    );
                    let more = json!({ "nodeName": format!("field '{name}'"), "typeName": inner });
                    self.report(message, pos, "selectionMismatch", more);
                } else if schema().composite(inner) {
                    self.conflicts(set, inner);
                    self.selections(set, inner);
                }
            }
        }
        self.path.pop();
    }

    fn arguments(
        &mut self,
        given: &[(Positioned<Name>, Positioned<Literal>)],
        wanted: &BTreeMap<String, Input>,
        place: &str,
        pos: Pos,
    ) {
        for (name, literal) in given {
            let key = name.node.as_str();
            let Some(input) = wanted.get(key) else {
                let message = format!("{place} doesn't accept argument '{key}'");
                let more = json!({ "name": place, "typeName": "Field", "argumentName": key });
                self.report(message, name.pos, "argumentNotAccepted", more);
                continue;
            };
            self.variables(
                &literal.node,
                &input.ty,
                input.default.is_some(),
                key,
                literal.pos,
            );
            if !literal_fits(&literal.node, &input.ty) {
                let message = format!(
                    "Argument '{key}' on {place} has an invalid value ({}). Expected type '{}'.",
                    literal.node, input.ty
                );
                let more = json!({ "typeName": "Field", "argumentName": key });
                self.report(message, name.pos, "argumentLiteralsIncompatible", more);
            }
        }
        let missing: Vec<&str> = (wanted.iter())
            .filter(|(key, input)| {
                input.required() && !given.iter().any(|(name, _)| name.node.as_str() == *key)
            })
            .map(|(key, _)| key.as_str())
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message = format!("{place} is missing required arguments: {missing}");
            let more = json!({ "className": "Field", "name": place, "arguments": missing });
            self.report(message, pos, "missingRequiredArguments", more);
        }
    }

    /// Every variable in a literal must be declared with a type that fits where it stands.
    fn variables(&mut self, literal: &Literal, ty: &Type, default: bool, key: &str, pos: Pos) {
        match literal {
            Literal::Variable(name) => {
                self.used.insert(name.to_string());
                let declared = (self.operation.variable_definitions.iter())
                    .find(|definition| definition.node.name.node == *name);
                let Some(declared) = declared else {
                    let message = format!("Variable ${name} is used by {key} but not declared");
                    let more = json!({ "variableName": name.as_str() });
                    self.report(message, pos, "variableNotDefined", more);
                    return;
                };
                let own = &declared.node.var_type.node;
                let filled = default || declared.node.default_value.is_some();
                if !fits(own, ty, filled) {
                    let word = if base(own) == base(ty) {
                        "Nullability"
                    } else {
                        "Type"
                    };
                    let message = format!(
                        "{word} mismatch on variable ${name} and argument {key} ({own} / {ty})"
                    );
                    let more = json!({
                        "variableName": name.as_str(), "typeName": own.to_string(),
                        "argumentName": key, "errorMessage": format!("{word} mismatch"),
                    });
                    self.report(message, pos, "variableMismatch", more);
                }
            }
            Literal::List(items) => {
                let async_graphql_parser::types::BaseType::List(inner) = &ty.base else {
                    return;
                };
                for item in items {
                    self.variables(item, inner, false, key, pos);
                }
            }
            Literal::Object(object) => {
                let Some(Kind::Input(fields)) = schema().kind(base(ty)) else {
                    return;
                };
                for (key, value) in object {
                    if let Some(input) = fields.get(key.as_str()) {
                        self.variables(value, &input.ty, input.default.is_some(), key, pos);
                    }
                }
            }
            _ => {}
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            let name = directive.node.name.node.as_str();
            if !["include", "skip"].contains(&name) {
                let message = format!("Directive @{name} is not defined");
                let more = json!({ "directiveName": name });
                self.report(message, directive.pos, "undefinedDirective", more);
                continue;
            }
            let ty = Type::new("Boolean!").expect("a type");
            let wanted = [("if".to_owned(), Input { ty, default: None })].into();
            let place = format!("Directive '{name}'");
            self.arguments(&directive.node.arguments, &wanted, &place, directive.pos);
        }
    }
}

/// The fields of a selection with those of its fragments, each with the type it is for.
fn flatten<'s>(
    fragments: &'s Fragments,
    set: &'s SelectionSet,
    ty: &'s str,
    depth: usize,
    found: &mut Vec<(&'s str, &'s Positioned<Field>)>,
) {
    // Deep enough for any honest query, and an end for fragments in a circle.
    if depth > 25 {
        return;
    }
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found.push((ty, field)),
            Selection::InlineFragment(inline) => {
                let condition = inline.node.type_condition.as_ref();
                let on = condition.map_or(ty, |condition| condition.node.on.node.as_str());
                let set = &inline.node.selection_set.node;
                flatten(fragments, set, on, depth + 1, found);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    let set = &fragment.node.selection_set.node;
                    flatten(fragments, set, on, depth + 1, found);
                }
            }
        }
    }
}

/// Whether two fields ask for the same.
fn same(one: &Field, two: &Field) -> bool {
    let arguments = |field: &Field| -> BTreeMap<String, String> {
        (field.arguments.iter())
            .map(|(name, value)| (name.node.to_string(), value.node.to_string()))
            .collect()
    };
    one.name.node == two.name.node && arguments(one) == arguments(two)
}

/// Whether a variable of type `own` may stand where `wanted` is expected.
fn fits(own: &Type, wanted: &Type, filled: bool) -> bool {
    use async_graphql_parser::types::BaseType;
    if own.nullable && !wanted.nullable && !filled {
        return false;
    }
    match (&own.base, &wanted.base) {
        (BaseType::Named(own), BaseType::Named(wanted)) => own == wanted,
        (BaseType::List(own), BaseType::List(wanted)) => fits(own, wanted, false),
        (BaseType::Named(_), BaseType::List(wanted)) => fits(own, wanted, filled),
        (BaseType::List(_), BaseType::Named(_)) => false,
    }
}
