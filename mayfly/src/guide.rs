//! The guide: every page of `docs`, with links between the pages.
//!
//! Only rustdoc compiles this module, so a copy of the crate without `docs` builds all the same. The blocks on the pages
//! are compiled by a test of the workspace, not as examples of the documentation.
//!
#![doc = include_str!("guide_links.md")]
#![doc = include_str!("../../docs/README.md")]

/// Declares the module of a page. The links of `guide_links.md` come first: they take precedence over those that the page
/// defines for readers of the repository.
macro_rules! page {
    ($name:ident, $path:literal) => {
        page!($name, $path, {});
    };
    ($name:ident, $path:literal, { $($children:item)* }) => {
        #[doc = include_str!("guide_links.md")]
        #[doc = include_str!(concat!("../../docs/", $path))]
        pub mod $name {
            $($children)*
        }
    };
}

page!(getting_started, "getting-started.md");
page!(handlers, "handlers.md");
page!(errors, "errors.md");
page!(state, "state.md");
page!(context, "context.md");
page!(streaming, "streaming.md");
page!(around, "around.md");
page!(hooks, "hooks.md");
page!(logging, "logging.md");
page!(environment_variables, "environment-variables.md");
page!(events, "events/README.md", {
    page!(http, "events/http.md");
    page!(sqs, "events/sqs.md");
    page!(eventbridge, "events/eventbridge.md");
    page!(s3, "events/s3.md");
    page!(dynamodb, "events/dynamodb.md");
    page!(kafka, "events/kafka.md");
    page!(kinesis, "events/kinesis.md");
});
page!(testing, "testing.md");
page!(local, "local.md");
page!(deploy, "deploy/README.md", {
    page!(build, "deploy/build.md");
    page!(console_and_cli, "deploy/console-and-cli.md");
    page!(ci, "deploy/ci.md");
    page!(template, "deploy/template.md");
    page!(sam, "deploy/sam.md");
    page!(cdk, "deploy/cdk.md");
    page!(terraform, "deploy/terraform.md");
});
page!(commands, "commands.md");
page!(migrating, "migrating.md");
page!(troubleshooting, "troubleshooting.md");
page!(best_practices, "best-practices.md");
page!(security, "security.md");
page!(performance, "performance.md");
page!(internals, "internals.md");
