"""What GitHub reads of this repository beside the workflows, and what strangers are told."""

import re

import pytest
import yaml
from clients import ROOT, tomllib

GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
# Types of a form's parts: https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
ASKS = {"input", "textarea", "dropdown", "checkboxes"}


def test_which_forms_there_are():
    assert [path.name for path in FORMS] == ["bug.yml", "feature.yml"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_that_github_takes(path):
    form = yaml.safe_load(path.read_text())
    assert set(form) <= {"name", "description", "title", "labels", "assignees", "body"}
    assert form["name"] and form["description"]
    asked = [part for part in form["body"] if part["type"] in ASKS]
    assert asked, "GitHub refuses a form that asks nothing"
    for part in asked:
        assert set(part) <= {"type", "id", "attributes", "validations"}
        assert re.fullmatch(r"[A-Za-z0-9_-]+", part["id"])
        assert part["attributes"]["label"]
        assert part.get("validations", {}).keys() <= {"required"}
    for told in (part for part in form["body"] if part not in asked):
        assert told["type"] == "markdown" and told["attributes"]["value"]
    for key in (lambda part: part["id"], lambda part: part["attributes"]["label"]):
        assert len({key(part) for part in asked}) == len(asked)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_what_an_answer_needs(path):
    body = yaml.safe_load(path.read_text())["body"]
    required = [part for part in body if part.get("validations", {}).get("required")]
    asked = " ".join(str(part["attributes"]) for part in required)
    assert "`stage --version`" in asked
    assert "--verbose" in asked
    assert "command" in asked.lower()


def test_no_issue_without_a_form():
    chooser = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE/config.yml").read_text())
    assert chooser == {"blank_issues_enabled": False}


def test_dependabot_looks_at_every_ecosystem_that_is_here():
    document = yaml.safe_load((GITHUB / "dependabot.yml").read_text())
    assert document["version"] == 2
    looks = {}
    for update in document["updates"]:
        assert update["schedule"] == {"interval": "weekly"}
        (group,) = update["groups"].values()
        assert group == {"patterns": ["*"]}
        places = update.get("directories") or [update["directory"]]
        looks[update["package-ecosystem"]] = [ROOT / place.removeprefix("/") for place in places]
    assert set(looks) == {"cargo", "github-actions", "pip"}
    assert all((place / "Cargo.lock").is_file() for place in looks["cargo"])
    assert all((place / "requirements.txt").is_file() for place in looks["pip"])
    assert looks["github-actions"] == [ROOT]


def test_every_exception_for_a_dependency_says_why():
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    for entry in rules["bans"]["skip"] + rules["bans"]["deny"]:
        assert entry["reason"]
    assert rules["sources"] == {"unknown-registry": "deny", "unknown-git": "deny"}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_guide_names_is_there(name):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    # Code that begins like a path of this repository, up to a word that the reader fills in.
    places = r"`((?:\.ci|\.github|docs|fuzz|platforms|scripts|stage|tests)/[\w./-]*)"
    named = [path for path in re.findall(places, text) if not path.endswith("platforms/")]
    assert named
    missing = [path for path in links + named if not (ROOT / path).exists()]
    assert not missing


def test_files_are_checked_out_as_they_were_committed():
    """On Windows too: the product and the crates' sources are built into `stage`."""
    rules = (ROOT / ".gitattributes").read_text().splitlines()
    assert [rule for rule in rules if not rule.startswith("#")] == ["* -text"]
