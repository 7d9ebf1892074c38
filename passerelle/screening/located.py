"""YAML read with the line of each block, so that a mistake in the data can be shown where it stands."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from passerelle.foundation.errors import BadInput


class Block(dict[str, Any]):
    """A YAML mapping that remembers its line."""

    line: int = 0


class _Loader(yaml.SafeLoader):
    """The safe loader, building blocks."""


def _block(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Block:
    block = Block()
    block.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in block:
            raise BadInput(
                place=f"line {key_node.start_mark.line + 1}", reason=f'"{key}" is written twice in the same block'
            )
        block[str(key)] = loader.construct_object(value_node, deep=True)
    return block


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _block)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """A data file as read: its content and the hash that names it in each decision."""

    path: Path
    content: Block
    sha256: str


def read_data(path: Path) -> DataFile:
    """Read a YAML file whose top is a mapping."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(place=str(path), reason="this file cannot be read") from error
    try:
        content = yaml.load(raw, Loader=_Loader)  # noqa: S506 (a SafeLoader with line numbers)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(place=f"{path}, line {line}", reason=error.problem or "this is not YAML") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(place=str(path), reason="this is not YAML") from error
    except BadInput as error:
        raise BadInput(place=f"{path}, {error.fields['place']}", reason=str(error.fields["reason"])) from error
    if not isinstance(content, Block):
        raise BadInput(place=str(path), reason="the top of the file must be a mapping")
    return DataFile(path=path, content=content, sha256=hashlib.sha256(raw).hexdigest())


def line_of(value: object, otherwise: int) -> int:
    """The line of a block, or of what holds it."""
    return value.line if isinstance(value, Block) else otherwise
