"""What a value may be beyond its type, written into the annotations of `declared.py`.

Plain objects: without pydantic they say nothing. Where it is there, it asks each for its part of the validation
(`__get_pydantic_core_schema__`) and of the JSON schema.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

CLASSES = ("benign", "malignant")  # in this order: the positive class is the last
NAME = re.compile(r"\w[\w.-]*", re.ASCII)
NETWORK = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?", re.ASCII)


class Limits:
    """A finite number within pydantic's own limits: `ge`, `gt`, `le`, `lt`, `multiple_of`."""

    def __init__(self, **limits: float):
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable) -> Mapping[str, Any]:
        schema = handler(source)
        return schema | self.limits | ({"allow_inf_nan": False} if schema["type"] == "float" else {})


@dataclass(frozen=True, eq=False)
class Condition:
    """What pydantic has no word for: `expected` for people, `holds` for the check, `keywords` for the JSON schema."""

    expected: str
    holds: Callable[[Any], Any]
    keywords: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable) -> Mapping[str, Any]:
        from pydantic_core import PydanticCustomError, core_schema  # only pydantic itself calls this

        def check(value: Any) -> Any:
            if not self.holds(value):
                raise PydanticCustomError("condition", "{expected}", {"expected": self.expected})
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable) -> dict:
        return handler(schema) | self.keywords


def matching(expected: str, pattern: re.Pattern) -> Condition:
    return Condition(expected, pattern.fullmatch, {"pattern": f"^({pattern.pattern})$"})


def distinct(expected: str, at_least: int) -> Condition:
    return Condition(
        expected,
        lambda items: at_least <= len(items) == len(set(items)),
        {"uniqueItems": True, "minItems": at_least},
    )


# The upper limits lie far above what anyone runs; they catch slips and what torch and NumPy cannot take.
Count = Annotated[int, Limits(ge=1, le=100_000)]
Workers = Annotated[int, Limits(ge=1, le=1024)]
ParameterCount = Annotated[int, Limits(ge=1, le=10**12)]
Seed = Annotated[int, Limits(ge=0, lt=2**31)]  # inner splits count on from it; 32 bits are scikit-learn's end
Seeds = Annotated[list[Seed], distinct("at least one seed, each once", at_least=1)]
Folds = Annotated[int, Limits(ge=2, le=1000)]
ImageSize = Annotated[int, Limits(ge=32, le=4096, multiple_of=32)]  # networks halve it five times
Share = Annotated[float, Limits(gt=0, lt=1)]
Hours = Annotated[float, Limits(gt=0, le=10_000)]
GreyLevel = Annotated[float, Limits(ge=0, le=1)]
GreyLevelSpread = Annotated[float, Limits(ge=0.001, le=1)]  # a divisor; eight bits have steps of 0.004

# The inner validation set is one of round(1 / share) parts of the training cases. Beyond 20 parts it is a handful of
# cases, too few to select an epoch by, and small datasets have fewer groups than parts; from one half on it would be
# larger than what is left to train on.
ValidationShare = Annotated[
    float,
    Condition(
        "0 (none) or a share in [0.05, 0.5)",
        lambda share: share == 0 or 0.05 <= share < 0.5,
        {"anyOf": [{"const": 0}, {"minimum": 0.05, "exclusiveMaximum": 0.5}]},
    ),
]

FileName = Annotated[str, matching("letters, digits and _, and - or . after the first", NAME)]
Names = Annotated[list[str], distinct("each name once", at_least=0)]
FileNames = Annotated[list[FileName], distinct("each name once", at_least=0)]
NetworkName = Annotated[str, matching("module:Class, such as baselines.unet:UNet", NETWORK)]
DeviceName = Annotated[str, matching("auto, cpu, cuda, cuda:<number> or mps", DEVICE)]
EncoderWeights = Annotated[str, Condition("imagenet, none or the path of a state dict", str.strip, {"minLength": 1})]
Classes = Annotated[
    list[str],
    Condition(
        f"[{', '.join(CLASSES)}], the positive class last",
        lambda classes: tuple(classes) == CLASSES,
        {"const": list(CLASSES)},
    ),
]
Piece = Annotated[
    dict[str, Any],
    Condition(
        "a mapping with a name",
        lambda piece: isinstance(piece.get("name"), str),
        {"required": ["name"], "properties": {"name": {"type": "string"}}},
    ),
]
