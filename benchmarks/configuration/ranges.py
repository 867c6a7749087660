"""What a value may be beyond its type, written into the annotations of `declared.py`.

Plain objects, which a machine without pydantic asks for their `fault`. Where pydantic is there, it asks each for its
part of the validation (`__get_pydantic_core_schema__`) and of the JSON schema.
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

    def fault(self, value: float) -> str | None:
        """What is expected where `value` lies outside."""
        holds = {
            "ge": lambda limit: value >= limit,
            "gt": lambda limit: value > limit,
            "le": lambda limit: value <= limit,
            "lt": lambda limit: value < limit,
            "multiple_of": lambda limit: value % limit == 0,
        }
        if value - value != 0:  # math.isfinite fails for whole numbers beyond a float's
            return "a finite number"
        return next((LIMITS[name].format(limit) for name, limit in self.limits.items() if not holds[name](limit)), None)


LIMITS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "multiple_of": "a multiple of {}",
}


@dataclass(frozen=True, eq=False)
class Condition:
    """What pydantic has no word for: `expected` for people, `holds` for the check, `keywords` for the JSON schema."""

    expected: str | Callable[[Any], str]
    holds: Callable[[Any], Any]
    keywords: dict[str, Any]

    def fault(self, value: Any) -> str | None:
        """What is expected where it does not hold for `value`."""
        if self.holds(value):
            return None
        return self.expected if isinstance(self.expected, str) else self.expected(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable) -> Mapping[str, Any]:
        from pydantic_core import PydanticCustomError, core_schema  # only pydantic itself calls this

        def check(value: Any) -> Any:
            if (fault := self.fault(value)) is not None:
                raise PydanticCustomError("condition", "{expected}", {"expected": fault})
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
FoldNumbers = Annotated[
    list[Annotated[int, Limits(ge=0, lt=1000)]], distinct("at least one fold, each once", at_least=1)
]
ImageSize = Annotated[int, Limits(ge=32, le=4096, multiple_of=32)]  # networks halve it five times
Share = Annotated[float, Limits(gt=0, lt=1)]
TrainingShare = Annotated[float, Limits(gt=0, le=1)]
RateFactor = Annotated[float, Limits(gt=0, le=1000)]
SmallNumber = Annotated[float, Limits(ge=0, le=1)]
GradientNorm = Annotated[float, Limits(gt=0, le=1_000_000)]
Hours = Annotated[float, Limits(gt=0, le=10_000)]
GreyLevel = Annotated[float, Limits(ge=0, le=1)]
GreyLevelSpread = Annotated[float, Limits(ge=0.001, le=1)]  # a divisor; eight bits have steps of 0.004

# The inner validation set is one of round(1 / share) equal parts of the training cases, so a share must be close to
# such a part: 0.45 would set half aside. Beyond 20 parts it is a handful of cases, too few to select an epoch by, and
# small datasets have fewer groups than parts; from one half on it would be larger than what is left to train on.
CLOSE = 0.05  # of the share


def is_a_part(share: float) -> bool:
    return 0.05 <= share < 0.5 and abs(1 / round(1 / share) - share) <= CLOSE * share


ValidationShare = Annotated[
    float,
    Condition(
        "0 (none) or a share in [0.05, 0.5) within a twentieth of 1/2, 1/3, 1/4, ... or 1/20, since one of so many "
        "equal parts is set aside",
        lambda share: share == 0 or is_a_part(share),
        {"anyOf": [{"const": 0}, {"minimum": 0.05, "exclusiveMaximum": 0.5}]},
    ),
]

FileName = Annotated[str, matching("letters, digits and _, and - or . after the first", NAME)]
Names = Annotated[list[str], distinct("each name once", at_least=0)]
FileNames = Annotated[list[FileName], distinct("each name once", at_least=0)]
FilePath = Annotated[str, Condition("the path of a file", str.strip, {"minLength": 1})]
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


@dataclass(frozen=True)
class Interval:
    """Where the number that an option gives must lie."""

    low: float
    high: float
    brackets: str = "[]"  # round where an end does not belong to it

    def __contains__(self, value: Any) -> bool:
        if not is_number(value):
            return False
        above = value > self.low if self.brackets[0] == "(" else value >= self.low
        return above and (value < self.high if self.brackets[1] == ")" else value <= self.high)

    def __str__(self) -> str:
        return f"{self.brackets[0]}{self.low:g}, {self.high:g}{self.brackets[1]}"


SHARE, BELOW_1 = Interval(0, 1), Interval(0, 1, "[)")
# By the option's name, whichever piece of a recipe has it. `benchmarks/training/checks/options.py` knows which does.
OPTIONS = {
    "learning_rate": Interval(0, 10, "(]"),
    "weight_decay": SHARE,
    "momentum": BELOW_1,
    "dampening": SHARE,
    "betas": BELOW_1,
    "eps": Interval(0, 1, "(]"),
    "probability": SHARE,
    "final_share": SHARE,
    "at_share": SHARE,
    "factor": Interval(0, 1, "(]"),
    "decay": BELOW_1,
    "patience": Interval(0, 100_000),
    "power": Interval(0, 10, "(]"),
    "degrees": Interval(0, 180),
    "temperature": Interval(0, 1000, "(]"),
    "alpha": Interval(0, 100),
    "c": BELOW_1,
    "weights": Interval(0, 1000),
}
ANY_NUMBER = Interval(-1e6, 1e6)  # of an option that is not listed


def fault_of_piece(piece: dict[str, Any]) -> str | None:
    """What a piece of a recipe should hold and does not: a name, and options within their ranges."""
    if not isinstance(piece.get("name"), str):
        return "a mapping with a name"
    for option, value in piece.items():
        interval = OPTIONS.get(option, ANY_NUMBER)
        for number in parts_of(value):
            if number not in interval and (option in OPTIONS or is_number(number)):
                hint = " (write 1.0e-4, not 1e-4, in YAML)" if option in OPTIONS and is_text_number(number) else ""
                return f"{option} to be a number in {interval}{hint}"
    return None


def parts_of(value: Any) -> list[Any]:
    """The numbers that an option gives: one, several, or one by task."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_text_number(value: Any) -> bool:
    """Whether YAML left a number as text, for want of a decimal point."""
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False


Piece = Annotated[
    dict[str, Any],
    Condition(
        lambda piece: str(fault_of_piece(piece)),
        lambda piece: fault_of_piece(piece) is None,
        {"required": ["name"], "properties": {"name": {"type": "string"}}},
    ),
]
