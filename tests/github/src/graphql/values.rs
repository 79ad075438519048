//! Arguments and variables: from what was written to what a field gets.
//!
//! Literals are checked against the schema before anything runs; variables are checked when
//! they arrive. Both end as JSON with defaults filled in.

use async_graphql_parser::types::{BaseType, OperationDefinition, Type};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value, json};

use super::schema::{Input, Kind, schema};
use super::{Problem, located};

/// Checks a literal, taking any variable on trust: those are checked elsewhere.
pub(crate) fn literal_fits(literal: &Literal, ty: &Type) -> bool {
    match (literal, &ty.base) {
        (Literal::Variable(_), _) => true,
        (Literal::Null, _) => ty.nullable,
        (Literal::List(items), BaseType::List(inner)) => {
            items.iter().all(|item| literal_fits(item, inner))
        }
        // A single value stands for a list of one.
        (single, BaseType::List(inner)) => literal_fits(single, inner),
        (literal, BaseType::Named(name)) => match (schema().kind(name), literal) {
            (Some(Kind::Enum(values)), Literal::Enum(value)) => values.contains(value.as_str()),
            (Some(Kind::Input(fields)), Literal::Object(object)) => {
                object.iter().all(|(key, value)| {
                    (fields.get(key.as_str())).is_some_and(|field| literal_fits(value, &field.ty))
                }) && (fields.iter())
                    .all(|(key, field)| !field.required() || object.contains_key(key.as_str()))
            }
            (Some(Kind::Scalar), Literal::Number(_) | Literal::String(_) | Literal::Boolean(_)) => {
                (literal.clone().into_json()).is_ok_and(|value| scalar(name, &value).is_some())
            }
            _ => false,
        },
    }
}

/// A value of a scalar type, or nothing if it is none.
fn scalar(name: &str, value: &Value) -> Option<Value> {
    match name {
        "Boolean" => value.is_boolean().then(|| value.clone()),
        // 32 bits: GitHub's database ids do not fit.
        "Int" => (value.as_i64())
            .filter(|number| i32::try_from(*number).is_ok())
            .map(|number| json!(number)),
        "ID" => match value {
            Value::String(_) => Some(value.clone()),
            Value::Number(number) => Some(json!(number.to_string())),
            _ => None,
        },
        "DateTime" => {
            crate::clock::parse(value.as_str()?)?;
            Some(value.clone())
        }
        _ => value.is_string().then(|| value.clone()),
    }
}

/// A JSON value as a value of `ty`; on failure where and why not.
pub(crate) fn coerce(value: &Value, ty: &Type) -> Result<Value, (Vec<Value>, String)> {
    if value.is_null() {
        return if ty.nullable {
            Ok(Value::Null)
        } else {
            Err((Vec::new(), "Expected value to not be null".to_owned()))
        };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Value::Array(items)) => (items.iter().enumerate())
            .map(|(place, item)| coerce(item, inner).map_err(|error| under(json!(place), error)))
            .collect(),
        (BaseType::List(inner), single) => Ok(json!([coerce(single, inner)?])),
        (BaseType::Named(name), value) => match schema().kind(name) {
            Some(Kind::Enum(values)) => match value.as_str() {
                Some(text) if values.contains(text) => Ok(value.clone()),
                _ => {
                    let known: Vec<&str> = values.iter().map(String::as_str).collect();
                    let known = known.join(", ");
                    Err((
                        Vec::new(),
                        format!("Expected {value} to be one of: {known}"),
                    ))
                }
            },
            Some(Kind::Input(fields)) => match value {
                Value::Object(object) => {
                    if let Some(key) = object.keys().find(|key| !fields.contains_key(*key)) {
                        let why = format!("Field is not defined on {name}");
                        return Err((vec![json!(key)], why));
                    }
                    filled(fields.iter(), object).map(Value::Object)
                }
                _ => Err((
                    Vec::new(),
                    format!("Expected {value} to be a key-value object."),
                )),
            },
            _ => scalar(name, value).ok_or_else(|| {
                (
                    Vec::new(),
                    format!("Could not coerce value {value} to {name}"),
                )
            }),
        },
    }
}

fn under(key: Value, (mut path, why): (Vec<Value>, String)) -> (Vec<Value>, String) {
    path.insert(0, key);
    (path, why)
}

/// What is given, coerced, with defaults for what is not.
fn filled<'a>(
    wanted: impl Iterator<Item = (&'a String, &'a Input)>,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, (Vec<Value>, String)> {
    let mut values = Map::new();
    for (name, input) in wanted {
        let value = match (given.get(name), &input.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => default.clone().into_json().unwrap_or(Value::Null),
            (None, None) if input.ty.nullable => continue,
            (None, None) => Value::Null,
        };
        let value = coerce(&value, &input.ty).map_err(|error| under(json!(name), error))?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// The arguments of a field, variables put in. One whose variable was not given is as good
/// as left out.
pub(crate) fn arguments<'a>(
    given: impl Iterator<Item = (&'a str, &'a Literal)>,
    wanted: &std::collections::BTreeMap<String, Input>,
    variables: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    for (name, literal) in given {
        if let Some(value) = written(literal, variables) {
            values.insert(name.to_owned(), value);
        }
    }
    filled(wanted.iter(), &values).map_err(|(path, why)| {
        let path: Vec<String> = path
            .iter()
            .map(|part| part.to_string().replace('"', ""))
            .collect();
        format!("{why} ({})", path.join("."))
    })
}

/// A literal as JSON, or nothing if it is a variable without value.
fn written(literal: &Literal, variables: &Map<String, Value>) -> Option<Value> {
    Some(match literal {
        Literal::Variable(name) => variables.get(name.as_str())?.clone(),
        Literal::List(items) => {
            let items = items
                .iter()
                .map(|item| written(item, variables).unwrap_or(Value::Null));
            Value::Array(items.collect())
        }
        Literal::Object(object) => Value::Object(
            (object.iter())
                .filter_map(|(key, value)| Some((key.to_string(), written(value, variables)?)))
                .collect(),
        ),
        other => other.clone().into_json().unwrap_or(Value::Null),
    })
}

/// The variables of an operation: what was sent, coerced, or the defaults.
pub(crate) fn variables(
    operation: &OperationDefinition,
    sent: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut values = Map::new();
    let mut problems = Vec::new();
    for definition in &operation.variable_definitions {
        let pos = definition.pos;
        let definition = &definition.node;
        let name = definition.name.node.as_str();
        let ty = &definition.var_type.node;
        let default = definition.default_value.as_ref();
        let value = match (sent.get(name), default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => default.node.clone().into_json().unwrap_or(Value::Null),
            (None, None) if ty.nullable => continue,
            (None, None) => Value::Null,
        };
        match coerce(&value, ty) {
            Ok(value) => {
                values.insert(name.to_owned(), value);
            }
            Err((path, why)) => {
                let message = format!("Variable ${name} of type {ty} was provided invalid value");
                let mut problem = located(message, pos);
                problem.extensions = Some(json!({
                    "value": value,
                    "problems": [{ "path": path, "explanation": why }],
                }));
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(text: &str) -> Type {
        Type::new(text).expect("a type")
    }

    #[test]
    fn numbers_have_32_bits_and_enums_are_no_strings() {
        assert!(coerce(&json!(5), &ty("Int!")).is_ok());
        assert!(coerce(&json!(2_900_000_001_i64), &ty("Int!")).is_err());
        assert!(coerce(&json!("OPEN"), &ty("IssueState")).is_ok());
        assert!(coerce(&json!("open"), &ty("IssueState")).is_err());
        assert!(!literal_fits(
            &Literal::String("OPEN".into()),
            &ty("IssueState")
        ));
    }

    #[test]
    fn a_single_value_is_a_list_of_one() {
        assert_eq!(coerce(&json!("a"), &ty("[ID!]!")), Ok(json!(["a"])));
    }

    #[test]
    fn what_an_input_does_not_know_is_refused_with_its_path() {
        let input = json!({ "issueId": "x", "reason": "y" });
        let (path, _) = coerce(&input, &ty("CloseIssueInput!")).unwrap_err();
        assert_eq!(path, [json!("reason")]);
        let (path, _) = coerce(&json!({}), &ty("CloseIssueInput!")).unwrap_err();
        assert_eq!(path, [json!("issueId")]);
    }
}
