//! The schema as look-up tables, read once from `schema.graphql`.
//!
//! Only what validation and execution ask: fields and arguments of a type, members of an
//! abstract type, values of an enum.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql_value::ConstValue;

/// A type of the schema.
#[derive(Debug)]
pub(crate) enum Kind {
    Scalar,
    Object,
    Abstract,
    Enum(BTreeSet<String>),
    Input(BTreeMap<String, Input>),
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) ty: Type,
    pub(crate) default: Option<ConstValue>,
}

impl Input {
    /// Whether it must be given.
    pub(crate) fn required(&self) -> bool {
        !self.ty.nullable && self.default.is_none()
    }
}

/// A field of an object or interface.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) ty: Type,
    pub(crate) args: BTreeMap<String, Input>,
}

/// All types.
#[derive(Debug)]
pub(crate) struct Schema {
    kinds: BTreeMap<String, Kind>,
    fields: BTreeMap<String, BTreeMap<String, Output>>,
    /// For each type name the concrete types it stands for.
    members: BTreeMap<String, BTreeSet<String>>,
}

/// The schema.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::read(include_str!("schema.graphql")))
}

impl Schema {
    fn read(text: &str) -> Self {
        let document = parse_schema(text).expect("a valid schema");
        let mut schema = Self {
            kinds: BTreeMap::new(),
            fields: BTreeMap::new(),
            members: BTreeMap::new(),
        };
        for name in ["Boolean", "ID", "Int", "String"] {
            schema.kinds.insert(name.to_owned(), Kind::Scalar);
        }
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            let kind = match definition.node.kind {
                TypeKind::Scalar => Kind::Scalar,
                TypeKind::Object(object) => {
                    let fields = object.fields.into_iter().map(|field| field.node);
                    schema.fields.insert(name.clone(), outputs(fields));
                    for interface in object.implements {
                        schema.join(&interface.node, &name);
                    }
                    schema.join(&name, &name);
                    Kind::Object
                }
                TypeKind::Interface(interface) => {
                    let fields = interface.fields.into_iter().map(|field| field.node);
                    schema.fields.insert(name.clone(), outputs(fields));
                    Kind::Abstract
                }
                TypeKind::Union(union) => {
                    for member in union.members {
                        schema.join(&name, &member.node);
                    }
                    schema.fields.insert(name.clone(), BTreeMap::new());
                    Kind::Abstract
                }
                TypeKind::Enum(list) => {
                    let values = list.values.into_iter();
                    Kind::Enum(values.map(|value| value.node.value.to_string()).collect())
                }
                TypeKind::InputObject(object) => {
                    Kind::Input(inputs(object.fields.into_iter().map(|field| field.node)))
                }
            };
            schema.kinds.insert(name, kind);
        }
        schema
    }

    fn join(&mut self, group: &str, member: &str) {
        let members = self.members.entry(group.to_owned()).or_default();
        members.insert(member.to_owned());
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// Whether values of this type have fields.
    pub(crate) fn composite(&self, name: &str) -> bool {
        matches!(self.kind(name), Some(Kind::Object | Kind::Abstract))
    }

    pub(crate) fn field(&self, ty: &str, field: &str) -> Option<&Output> {
        self.fields.get(ty)?.get(field)
    }

    /// Whether a concrete type is, implements or is a member of another.
    pub(crate) fn is(&self, concrete: &str, other: &str) -> bool {
        (self.members.get(other)).is_some_and(|members| members.contains(concrete))
    }

    /// Whether anything can be of both types.
    pub(crate) fn overlap(&self, one: &str, other: &str) -> bool {
        match (self.members.get(one), self.members.get(other)) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => false,
        }
    }
}

fn outputs(fields: impl Iterator<Item = FieldDefinition>) -> BTreeMap<String, Output> {
    fields
        .map(|field| {
            let args = inputs(field.arguments.into_iter().map(|arg| arg.node));
            let ty = field.ty.node;
            (field.name.node.to_string(), Output { ty, args })
        })
        .collect()
}

fn inputs(list: impl Iterator<Item = InputValueDefinition>) -> BTreeMap<String, Input> {
    list.map(|input| {
        let default = input.default_value.map(|value| value.node);
        let ty = input.ty.node;
        (input.name.node.to_string(), Input { ty, default })
    })
    .collect()
}

/// The name under all lists and marks.
pub(crate) fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_schema_is_defined() {
        let schema = schema();
        for (ty, fields) in &schema.fields {
            for (name, field) in fields {
                let known = schema.kind(base(&field.ty)).is_some();
                assert!(known, "{ty}.{name}: {}", field.ty);
                for (arg, input) in &field.args {
                    assert!(schema.kind(base(&input.ty)).is_some(), "{ty}.{name}({arg})");
                }
            }
        }
        assert!(schema.is("Issue", "Labelable") && schema.overlap("Node", "Labelable"));
    }
}
