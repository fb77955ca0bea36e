//! The handlers in an existing template, beside those of the binary.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::registry::Registry;
use crate::select::HandlerSetting;

/// A function of a template, whose runtime may be that of a binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Where it stands in the template.
    place: String,
    /// Its Handler setting, if it has one.
    handler: Option<Setting>,
    /// `MAYFLY_HANDLER`.
    instead: Option<String>,
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Setting {
    Text(String),
    /// Something that is computed when the template is deployed.
    Computed,
}

impl Declared {
    /// The functions of a template of SAM or `CloudFormation`, or of our own JSON; those of other runtimes left out.
    ///
    /// # Errors
    /// When it is none of them.
    pub(crate) fn all(document: &Value) -> Result<Vec<Self>> {
        if let Some(functions) = document.get("functions").and_then(Value::as_array) {
            let ours = functions.iter().enumerate().map(|(at, function)| Self {
                place: format!("functions[{at}]"),
                handler: setting(document, function.get("handler")),
                instead: text(document, function.pointer("/environment/MAYFLY_HANDLER")),
            });
            return Ok(ours.collect());
        }
        let Some(resources) = document.get("Resources").and_then(Value::as_object) else {
            bail!("it is no template: it has neither `Resources` nor `functions`");
        };
        Ok(resources.iter().filter_map(|(id, resource)| Self::of_resource(document, id, resource)).collect())
    }

    fn of_resource(document: &Value, id: &str, resource: &Value) -> Option<Self> {
        let globals = match resource.get("Type")?.as_str()? {
            "AWS::Serverless::Function" => document.pointer("/Globals/Function"),
            "AWS::Lambda::Function" => None,
            _ => return None,
        };
        let property = |path: &str| {
            let own = resource.get("Properties").and_then(|properties| properties.pointer(path));
            own.or_else(|| globals.and_then(|globals| globals.pointer(path)))
        };
        let is_image = text(document, property("/PackageType")).is_some_and(|kind| kind == "Image");
        let is_foreign = text(document, property("/Runtime")).is_some_and(|runtime| !runtime.starts_with("provided"));
        (!is_image && !is_foreign).then(|| Self {
            place: format!("Resources.{id}"),
            handler: setting(document, property("/Handler")),
            instead: text(document, property("/Environment/Variables/MAYFLY_HANDLER")),
        })
    }

    /// Whether the handler can be told before the template is deployed.
    pub(crate) fn is_known(&self) -> bool {
        self.handler != Some(Setting::Computed)
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Looks for its handler.
    ///
    /// # Errors
    /// With what is wrong, if the function would not start.
    pub(crate) fn check(&self, registry: &Registry) -> Result<(), String> {
        let handler = match &self.handler {
            Some(Setting::Text(handler)) => handler.trim(),
            Some(Setting::Computed) => return Ok(()),
            None => return Err(format!("{} has no Handler", self.place)),
        };
        let setting = HandlerSetting { handler, instead: self.instead.as_deref(), executable: "bootstrap" };
        setting.check(registry).map_err(|wrong| format!("the Handler of {} {wrong}", self.place))
    }
}

fn setting(document: &Value, value: Option<&Value>) -> Option<Setting> {
    value.map(|value| text(document, Some(value)).map_or(Setting::Computed, Setting::Text))
}

/// The text that a value surely has: its own, the default of the parameter that it names, or a `Fn::Sub` of nothing.
fn text(document: &Value, value: Option<&Value>) -> Option<String> {
    let value = value?;
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(parameter) = value.get("Ref").and_then(Value::as_str) {
        return document.get("Parameters")?.get(parameter)?.get("Default")?.as_str().map(str::to_owned);
    }
    let text = value.get("Fn::Sub").and_then(Value::as_str)?;
    (!text.contains("${")).then(|| text.to_owned())
}
