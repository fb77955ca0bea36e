//! Reads the functions of a SAM or `CloudFormation` template.

use serde_json::{Map, Value, json};

use crate::template::case::{self, Case};
use crate::template::declared::{Configured, Declarations, Declared, Location, Setting};
use crate::template::document::Document;
use crate::template::for_each;

/// Adds the functions in the resources to the declarations.
pub(crate) fn read(document: &Document, resources: &Map<String, Value>, declarations: &mut Declarations) {
    let (resources, unread) = for_each::resources(&document.tree, resources);
    declarations.unread.extend(unread.into_iter().map(|(key, why)| {
        (
            Location::new(document, format!("Resources.{key}")),
            format!("{why}, and the functions in it are not compared"),
        )
    }));
    for resource in resources {
        let line = document.line(&format!("Resources.{}", resource.key));
        let location = Location { path: format!("Resources.{}", resource.id), line };
        let globals = match resource.value.get("Type").and_then(Value::as_str) {
            Some("AWS::Serverless::Function") => document.tree.pointer("/Globals/Function"),
            Some("AWS::Lambda::Function") => None,
            Some("AWS::CloudFormation::Stack" | "AWS::Serverless::Application") => {
                declarations.unread.push((location, "is another template: check that, too".to_owned()));
                continue;
            }
            _ => continue,
        };
        let cases =
            case::each(&document.tree, |case| FunctionCase { case, resource: &resource.value, globals }.configured());
        match cases {
            Some(cases) => {
                let cases = cases.into_iter().map(|(when, configured)| Configured { when, ..configured }).collect();
                declarations.functions.push(Declared { id: resource.id, location, cases });
            }
            None => declarations
                .unread
                .push((location, "depends on too many conditions and parameters, and is not compared".to_owned())),
        }
    }
}

/// A function in one case.
struct FunctionCase<'a> {
    case: &'a Case<'a>,
    resource: &'a Value,
    /// The properties that all SAM functions share.
    globals: Option<&'a Value>,
}

impl<'a> FunctionCase<'a> {
    fn configured(&self) -> Configured {
        Configured {
            when: String::new(),
            runtime: self.setting(&["Runtime"]),
            handler: self.setting(&["Handler"]),
            instead: self.setting(&["Environment", "Variables", "MAYFLY_HANDLER"]),
            artifact: self.artifact(),
            other: self.other(),
        }
    }

    /// Returns the function's own property, else the shared one.
    fn property(&self, keys: &[&str]) -> Result<Option<&'a Value>, String> {
        let own = self.resource.get("Properties").map_or(Ok(None), |properties| self.case.at(properties, keys))?;
        match (own, self.globals) {
            (None, Some(globals)) => self.case.at(globals, keys),
            _ => Ok(own),
        }
    }

    fn setting(&self, keys: &[&str]) -> Setting {
        match self.property(keys) {
            Ok(value) => value.map_or(Setting::Absent, |value| self.case.text(value)),
            Err(why) => Setting::Unknown(why),
        }
    }

    fn has(&self, keys: &[&str]) -> bool {
        self.property(keys).is_ok_and(|value| value.is_some())
    }

    fn other(&self) -> Option<&'static str> {
        let is_image = self.setting(&["PackageType"]).text() == Some("Image");
        if is_image || self.has(&["ImageUri"]) || self.has(&["Code", "ImageUri"]) {
            return Some("is a container image");
        }
        let is_inline = self.has(&["InlineCode"]) || self.has(&["Code", "ZipFile"]);
        is_inline.then_some("has its code in the template")
    }

    /// Returns the function's code, and how SAM builds it.
    fn artifact(&self) -> Value {
        let metadata = |keys: &[&str]| {
            let metadata = self.resource.get("Metadata").map_or(Ok(None), |metadata| self.case.at(metadata, keys));
            metadata.ok().flatten().cloned().unwrap_or_default()
        };
        let code = ["CodeUri", "Code"].into_iter().find_map(|key| self.property(&[key]).ok().flatten());
        let code = code.map(|code| match self.case.text(code) {
            Setting::Text(text) => text.into(),
            _ => code.clone(),
        });
        json!([code, metadata(&["BuildMethod"]), metadata(&["BuildProperties", "Binary"])])
    }
}
