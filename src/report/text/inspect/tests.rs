//! What a screen must be, whatever the answer: within its width, without an escape, with all of its figures.

use super::*;
use crate::report::text::clean::columns;

const EVIL: &str = "Evil\\u001b]0;owned\\u0007\\r\\n\\u202e 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語 and a very long rest";

fn thing(class: &str) -> String {
    format!(r#"{{"id":1234567,"class":"{class}","name":"{EVIL}","shallowBytes":1234,"retainedBytes":5678901}}"#)
}

fn step() -> String {
    format!(r#"{{"edge":"{EVIL}","edgeType":"property","class":"{EVIL}","id":99}}"#)
}

/// One document of each sort, all of their texts hostile.
fn documents() -> Vec<String> {
    let page = |rows: &str| format!(r#""total":1500,"offset":0,"rows":[{rows}]"#);
    let group =
        |name: &str| format!(r#"{{"{name}":"{EVIL}","count":12345,"shallowBytes":1234,"retainedBytes":5678901}}"#);
    let field = format!(r#"{{"edge":"{EVIL}","edgeType":"internal","object":{}}}"#, thing("Function"));
    let string = format!(r#"{{"text":"{EVIL}","count":7,"shallowBytes":1234,"wastedBytes":5678901,"id":5}}"#);
    let context = format!(
        r#"{{"id":7,"detached":true,"knownAs":{},"retainedBytes":5678901,"heldBy":{}}}"#,
        thing("Object"),
        step()
    );
    vec![
        format!(
            r#"{{"question":"summary","snapshot":{{"path":"{EVIL}","nodes":1,"edges":2,"shallowBytes":3}},"classes":4,"unreachable":5,
            "unreachableBytes":6,"contexts":2,"detachedContexts":1,"detachedNatives":9}}"#
        ),
        format!(r#"{{"question":"classes",{}}}"#, page(&group("class"))),
        format!(r#"{{"question":"shapes",{}}}"#, page(&group("shape"))),
        format!(r#"{{"question":"strings","duplicates":true,{}}}"#, page(&string)),
        format!(r#"{{"question":"strings","duplicates":false,{}}}"#, page(&string)),
        format!(r#"{{"question":"detached","contexts":{{{}}},"natives":{{{}}}}}"#, page(&context), page(&thing(EVIL))),
        format!(r#"{{"question":"instances","class":"{EVIL}","shallowBytes":1,{}}}"#, page(&thing("(string)"))),
        format!(
            r#"{{"question":"show","object":{0},"reachable":false,"dominator":{0},"fields":{{{1}}},"scopes":[{{"id":5,"variables":{{{1}}}}}],
            "location":{{"function":"{EVIL}","script":"{EVIL}","line":1,"column":2}}}}"#,
            thing("Session"),
            page(&field)
        ),
        format!(r#"{{"question":"holders","object":{},{}}}"#, thing(EVIL), page(&field)),
        format!(
            r#"{{"question":"children","object":{},"byClass":false,{}}}"#,
            thing(EVIL),
            page(&thing(EVIL).replacen('{', r#"{"count":1,"#, 1))
        ),
        format!(r#"{{"question":"children","object":{},"byClass":true,{}}}"#, thing(EVIL), page(&group("class"))),
        format!(
            r#"{{"question":"path","object":{0},"full":true,"ways":[[{1},{1},{1},{1},{1},{1},{1},{1},{1},{1},{1},{1}],[{1}]]}}"#,
            thing(EVIL),
            step()
        ),
    ]
}

#[test]
fn no_line_is_wider_than_the_terminal_and_none_holds_an_escape() {
    for document in documents() {
        let read: Answer = serde_json::from_str(&document).unwrap_or_else(|error| panic!("{error} in {document}"));
        for width in [60, 80, 120] {
            let shown = answer(&read, width, false);
            for line in shown.lines() {
                assert!(columns(line) <= width, "{width}: {} columns in {line:?}", columns(line));
                assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
            }
        }
        assert!(answer(&read, 100, true).contains("\x1b["), "{document}");
    }
}

#[test]
fn figures_stand_under_their_titles_with_their_units() {
    let document = r#"{"question":"classes","total":3,"offset":0,"rows":[
        {"class":"Session","count":12345,"shallowBytes":999,"retainedBytes":5678901},
        {"class":"日本","count":1,"shallowBytes":0,"retainedBytes":1500}]}"#;
    let shown = answer(&serde_json::from_str(document).unwrap(), 60, false);
    let expected = "\
class                              count   shallow  retained
Session                           12,345     999 B    5.7 MB
日本                                   1       0 B    1.5 kB
… 1 more
";
    assert_eq!(shown, expected);
}

#[test]
fn an_empty_list_says_so() {
    let document = r#"{"question":"classes","total":0,"offset":0,"rows":[]}"#;
    assert!(answer(&serde_json::from_str(document).unwrap(), 60, false).ends_with("none\n"));
}
