"""What networks are shown: digits, X's and O's, or anything. All that is particular to one of them stands here.

A further subject is a further record: its classes, its drawings to start from, its test images, its words.
Refuses to know: networks (`zoo`), pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cnnviz.data.held_out_images import HeldOutImages, held_out_digits, held_out_letters
from cnnviz.data.sample_drawings import DIGIT_SAMPLES, LETTER_SAMPLES, SampleDrawing
from cnnviz.i18n import _


@dataclass(frozen=True)
class SubjectWords:
    """What pages say of a subject, in the reader's language.

    empty: that nothing is there. blank: what is asked for then. foreign: of ink of no class.
    several: of more than one drawing. upload: which picture can be brought.
    pad: what the sketch pad says in the place of its own texts. networks: one word for each of its shipped networks, by
    their keys, where there are several.
    """

    empty: str
    blank: str
    foreign: str
    several: str
    upload: str
    pad: dict[str, str] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What a network is to tell apart.

    network: the key of the shipped network that does, "" where none is shipped. classes: in their order.
    samples: drawings of ours; start: the key of the one that lies on a table at first.
    exam: labelled images, at most so many, that the shipped networks never saw; None where there are none.
    further: the keys of further shipped networks that tell the same apart: a reader may choose one.
    """

    network: str
    classes: tuple[str, ...]
    samples: tuple[SampleDrawing, ...]
    start: str
    describe: Callable[[], SubjectWords]  # called when shown, so that it speaks the reader's language
    exam: Callable[[int], HeldOutImages] | None = None
    further: tuple[str, ...] = ()

    @property
    def networks(self) -> tuple[str, ...]:
        """The keys of all shipped networks for it, the first one first.

        >>> from cnnviz.models.subjects import DIGITS
        >>> DIGITS.networks
        ('mnist', 'digits_residual')
        """
        return (self.network, *self.further) if self.network else ()

    @property
    def words(self) -> SubjectWords:
        """Its words, in the reader's language."""
        return self.describe()


DIGITS = Subject(
    "mnist", tuple("0123456789"), DIGIT_SAMPLES, "three",
    lambda: SubjectWords(
        empty=_("Nothing drawn yet"),
        blank=_("Draw a digit. Without ink, only the biases count."),
        foreign=_("Not recognised as a digit"),
        several=_("More than one digit?"),
        upload=_("A photo or scan of one digit, dark on light or light on dark"),
        networks={"mnist": _("Plain"), "digits_residual": _("Residual")},
    ),
    held_out_digits,
    further=("digits_residual",),
)  # fmt: skip
LETTERS = Subject(
    "xo", ("X", "O"), LETTER_SAMPLES, "x",
    lambda: SubjectWords(
        empty=_("Nothing drawn yet"),
        blank=_("Draw an X or an O. Without ink, only the biases count."),
        foreign=_("Neither an X nor an O"),
        several=_("More than one letter?"),
        upload=_("A photo or scan of one letter, dark on light or light on dark"),
        pad={"label": _("Sketch pad: draw one X or one O"), "prompt": _("Draw an X or an O here")},
    ),
    held_out_letters,
)  # fmt: skip
ANYTHING = Subject(
    "", (), DIGIT_SAMPLES, "three",
    lambda: SubjectWords(
        empty=_("Nothing drawn yet"),
        blank=_("Draw something. Without ink, only the biases count."),
        foreign=_("None of its classes"),
        several=_("More than one drawing?"),
        upload=_("A photo or scan of one drawing, dark on light or light on dark"),
        pad={"label": _("Sketch pad: draw for your network"), "prompt": _("Draw here")},
    ),
)  # fmt: skip
PICTURES = replace(
    ANYTHING, samples=(), describe=lambda: replace(
        ANYTHING.words, empty=_("No image yet"), blank=_("Choose an image. Without one, only the biases count."),
        upload=_("Any image, dropped here or chosen"),
    ),
)  # fmt: skip
BIRDS = replace(
    PICTURES, network="birds", classes=("airplane", "bird"), describe=lambda: replace(
        PICTURES.words, upload=_("A photo of a bird or an airplane; of anything else it says one of the two as well"),
    ),
)  # fmt: skip
SUBJECTS = (DIGITS, LETTERS)
PICTURE_SUBJECTS = (BIRDS,)  # whose networks take images as they are


def find_subject(classes: tuple[str, ...]) -> Subject:
    """The subject with these classes; ANYTHING for others.

    >>> from cnnviz.models.subjects import find_subject
    >>> find_subject(("X", "O")).network
    'xo'
    """
    return next((each for each in SUBJECTS if each.classes == classes), ANYTHING)


def find_picture_subject(classes: tuple[str, ...]) -> Subject:
    """The subject of images with these classes; PICTURES for others.

    >>> from cnnviz.models.subjects import find_picture_subject
    >>> find_picture_subject(("airplane", "bird")).network
    'birds'
    """
    return next((each for each in PICTURE_SUBJECTS if each.classes == classes), PICTURES)


def shipped_samples(network: str) -> tuple[SampleDrawing, ...]:
    """The drawings of ours for a shipped network; none for the key of a reader's own.

    >>> from cnnviz.models.subjects import shipped_samples
    >>> [sample.label for sample in shipped_samples("mnist")] == list("0123456789")
    True
    """
    return next((each.samples for each in SUBJECTS if network in each.networks), ())
