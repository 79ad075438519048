//! Runs an operation: selections, fragments, directives, aliases and nulls.
//!
//! Which value a field has is in `query.rs` and `mutation.rs`. A field that fails is null
//! and leaves an error with its path; where null is not allowed, the null moves up.

use std::collections::{BTreeMap, HashMap};

use async_graphql_parser::types::{
    BaseType, Directive, Field, FragmentDefinition, Selection, SelectionSet, Type,
};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Name;
use serde_json::{Map, Value, json};

use super::cost::Cost;
use super::schema::schema;
use super::values::arguments;
use super::{Problem, located};
use crate::answer::Ask;
use crate::state::RepoId;

/// Something with fields.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Query,
    Mutation,
    /// Who asks.
    Viewer(String),
    User(String),
    Repository(RepoId),
    Ref(RepoId),
    Issue(RepoId, u64),
    Comment(RepoId, u64),
    Label(RepoId, u64),
    Event(RepoId, u64, usize),
    /// Anything whose fields are all known already: pages, edges, payloads.
    Bag(String, BTreeMap<&'static str, Out>),
}

/// The value of a field.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    Leaf(Value),
    Thing(Thing),
    List(Vec<Out>),
}

impl Out {
    pub(crate) const NULL: Self = Self::Leaf(Value::Null);

    pub(crate) fn leaf(value: impl Into<Value>) -> Self {
        Self::Leaf(value.into())
    }
}

/// Why a field has no value.
#[derive(Clone, Debug)]
pub(crate) struct Fail {
    /// GitHub's `type`, empty for failures of its own.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Fail {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// A null that may not stay where it is.
pub(crate) struct Bubble;

/// An operation while it runs.
pub(crate) struct Run<'a, 'b> {
    pub(crate) ask: &'a mut Ask<'b>,
    pub(crate) fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub(crate) variables: &'a Map<String, Value>,
    pub(crate) cost: Cost,
    pub(crate) problems: Vec<Problem>,
    pub(crate) path: Vec<Value>,
    /// Where the field stands that is being resolved.
    pub(crate) pos: Pos,
    /// How many mutations of this request have been tried.
    pub(crate) mutations: usize,
    /// How many issues it asked for one by one.
    pub(crate) issues: usize,
    /// Whether time ran out.
    pub(crate) late: bool,
    /// Whether a secondary limit struck.
    pub(crate) limited: bool,
}

type Collected<'f> = Vec<(String, Vec<&'f Positioned<Field>>)>;

impl<'a> Run<'a, '_> {
    /// The fields selected on a thing of concrete type `ty`, in order, those under one key
    /// together.
    pub(crate) fn collect(&self, ty: &str, sets: &[&'a SelectionSet]) -> Collected<'a> {
        let mut fields = Vec::new();
        for set in sets {
            self.gather(ty, set, &mut fields);
        }
        fields
    }

    fn gather(&self, ty: &str, set: &'a SelectionSet, fields: &mut Collected<'a>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    if self.wanted(&field.node.directives) {
                        let key = field.node.response_key().node.to_string();
                        match fields.iter_mut().find(|(known, _)| *known == key) {
                            Some((_, same)) => same.push(field),
                            None => fields.push((key, vec![field])),
                        }
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.is_none_or(|on| schema().is(ty, &on.node.on.node));
                    if on && self.wanted(&inline.node.directives) {
                        self.gather(ty, &inline.node.selection_set.node, fields);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.node.fragment_name.node);
                    let Some(fragment) = fragment else { continue };
                    let on = &fragment.node.type_condition.node.on.node;
                    if schema().is(ty, on) && self.wanted(&spread.node.directives) {
                        self.gather(ty, &fragment.node.selection_set.node, fields);
                    }
                }
            }
        }
    }

    /// What `@include` and `@skip` say.
    fn wanted(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let given = directive.node.get_argument("if").map(|literal| &literal.node);
            let holds = match given {
                Some(async_graphql_value::Value::Boolean(value)) => *value,
                Some(async_graphql_value::Value::Variable(name)) => {
                    self.variables.get(name.as_str()) == Some(&Value::Bool(true))
                }
                _ => false,
            };
            holds == (directive.node.name.node.as_str() == "include")
        })
    }

    /// The selected fields of a thing.
    pub(crate) fn select(&mut self, thing: &Thing, sets: &[&'a SelectionSet]) -> Result<Value, Bubble> {
        let ty = self.type_of(thing);
        let mut object = Map::new();
        for (key, fields) in self.collect(&ty, sets) {
            let value = if fields[0].node.name.node.as_str() == "__typename" {
                json!(ty)
            } else {
                self.path.push(json!(key));
                let value = self.field(thing, &ty, &fields);
                self.path.pop();
                value?
            };
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }

    fn field(&mut self, thing: &Thing, ty: &str, fields: &[&'a Positioned<Field>]) -> Result<Value, Bubble> {
        self.pos = fields[0].pos;
        let field = &fields[0].node;
        let name = field.name.node.as_str();
        // Validation has seen to it that the field exists.
        let output = schema().field(ty, name).ok_or(Bubble)?;
        let sets: Vec<&'a SelectionSet> = fields.iter().map(|field| &field.node.selection_set.node).collect();
        let given = (field.arguments.iter()).map(|(name, literal)| (name.node.as_str(), &literal.node));
        let value = match arguments(given, &output.args, self.variables) {
            Ok(args) => self.resolve(thing, name, &args, &sets),
            Err(why) => Err(Fail::new("", why)),
        };
        let done = match value {
            Ok(value) => self.complete(&output.ty, value, &sets),
            Err(fail) => {
                self.pos = fields[0].pos;
                self.report(&fail);
                if output.ty.nullable { Ok(Value::Null) } else { Err(Bubble) }
            }
        };
        match done {
            Err(Bubble) if output.ty.nullable => Ok(Value::Null),
            done => done,
        }
    }

    pub(crate) fn report(&mut self, fail: &Fail) {
        let mut problem = located(fail.message.clone(), self.pos);
        problem.kind = fail.kind;
        problem.path.clone_from(&self.path);
        self.problems.push(problem);
    }

    fn complete(&mut self, ty: &Type, value: Out, sets: &[&'a SelectionSet]) -> Result<Value, Bubble> {
        match (value, &ty.base) {
            (Out::Leaf(Value::Null), _) if !ty.nullable => Err(Bubble),
            (Out::Leaf(value), _) => Ok(value),
            (Out::Thing(thing), _) => self.select(&thing, sets),
            (Out::List(items), BaseType::List(inner)) => {
                let mut list = Vec::new();
                for (place, item) in items.into_iter().enumerate() {
                    self.path.push(json!(place));
                    let item = self.complete(inner, item, sets);
                    self.path.pop();
                    list.push(match item {
                        Err(Bubble) if inner.nullable => Value::Null,
                        item => item?,
                    });
                }
                Ok(Value::Array(list))
            }
            (Out::List(_), BaseType::Named(_)) => Err(Bubble),
        }
    }

    fn resolve(
        &mut self,
        thing: &Thing,
        field: &str,
        args: &Map<String, Value>,
        sets: &[&'a SelectionSet],
    ) -> Result<Out, Fail> {
        match thing {
            Thing::Mutation => self.mutate(field, &args["input"]),
            Thing::Bag(_, fields) => Ok(fields.get(field).cloned().unwrap_or(Out::NULL)),
            thing => self.read(thing, field, args, sets),
        }
    }
}
