"""`/api/docs`: the OpenAPI document as one page without scripts, since the CSP allows no others and none are needed."""

from html import escape
from typing import Any, Final

STYLE: Final = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8886; border-radius: 6px; margin: 8px 0; padding: 8px 12px; }
summary { cursor: pointer; }
code { font: 13px ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.roles { float: right; opacity: .7; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 4px 8px; border-top: 1px solid #8884; vertical-align: top; }
"""


def page(document: dict[str, Any]) -> str:
    """HTML; every text of the document is escaped."""
    info = document["info"]
    tags: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in tags.items())
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>Laidian API</title>"
        "<link rel=stylesheet href=/api/docs.css></head><body>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
        "<p><a href=/api/v1/openapi.json>openapi.json</a></p>"
        f"{sections}<h2>Schemas</h2>{schemas}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = [
        _row(parameter["name"], parameter["in"], _type(parameter["schema"])) for parameter in operation["parameters"]
    ]
    if "requestBody" in operation:
        rows.append(_row("body", "", _type(next(iter(operation["requestBody"]["content"].values()))["schema"])))
    for status, response in operation["responses"].items():
        schemas = [_type(content["schema"]) for content in response.get("content", {}).values()]
        rows.append(_row(status, response["description"], ", ".join(schemas)))
    return (
        f"<details><summary><code><span class=method>{escape(method.upper())}</span>{escape(path)}</code> "
        f"<span class=roles>{escape(', '.join(operation['x-roles']))}</span></summary>"
        f"<p>{escape(operation['summary'])}</p><table>{''.join(rows)}</table></details>"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = "".join(
        _row(field, "required" if field in required else "", _type(kind))
        for field, kind in schema.get("properties", {}).items()
    )
    note = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
    return (
        f"<details id='{escape(name)}'><summary><code>{escape(name)}</code></summary>"
        f"{note}<table>{rows}</table></details>"
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))}[]"
    return str(schema.get("type", "any"))
