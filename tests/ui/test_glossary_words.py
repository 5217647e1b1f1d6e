"""Every word of the field that the app says is explained in its glossary, and nothing there is explained twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from cnnviz.web.glossary import terms

ROOT = Path(__file__).resolve().parents[2]
# What a text book on convolutional networks explains; those that the app says must stand in the glossary.
FIELD = """
accuracy | activation | Adam | attention | augmentation | autograd | average pooling | backpropagation | batch |
batch normalisation | bias | calibration | channel | checkpoint | class | CNN | confidence | confusion matrix |
convolution | convolutional network | cross-correlation | cross-entropy | CUDA | depthwise | dilation | dropout |
embedding | epoch | equivariance | feature | feature map | filter | flatten | fully connected layer | GPU | gradient |
groups | initialisation | input | invariance | jump | kernel | label | layer | learning rate | learning rate schedule |
log-softmax | log-sum-exp | logit | loss | LSTM | MAC | match score | max pooling | mini-batch | MNIST | momentum |
multiply-add | negative log-likelihood | network | neural network | neuron | NLL | non-linearity | optimiser |
overfitting | padding | parameter | PCA | pooling | prediction | receptive field | regularisation | regulariser | ReLU |
score | seed | SGD | sigmoid | softmax | step | stride | t-SNE | tanh | term | test set | training | training set |
transformer | transposed convolution | unit | update | validation | weight | weight decay | window
"""
WORDS = tuple(" ".join(word.split()) for word in FIELD.split("|"))


@pytest.fixture(scope="module")
def said() -> str:
    """All that the app says, but for the glossary itself."""
    found = extract_from_dir(ROOT, [("**.py", "python")], directory_filter=_is_ours)
    return "\n".join(str(text) for path, _line, text, *_rest in found if "glossary" not in path)


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {".venv", ".git", "tests", "benchmarks", "docs", "data"}


def explained() -> set[str]:
    return {name.casefold() for term in terms() for name in term.names}


def missing(text: str) -> list[str]:
    """The words of the field that `text` says and the glossary does not explain."""
    return [
        word for word in WORDS if says(text, word) and not explained() & {word.casefold(), f"{word}, fc".casefold()}
    ]


def says(text: str, word: str) -> bool:
    return re.search(rf"(?i)\b{re.escape(word)}(s|es)?\b", text) is not None


def test_every_word_of_the_field_that_the_app_says_is_explained(said: str):
    assert missing(said) == []
    assert sum(says(said, word) for word in WORDS) > 70, "the texts of the app were not found"


def test_a_word_that_is_not_explained_would_be_found():
    assert missing("An LSTM with attention and two kernels") == ["attention", "LSTM"]


LOOKED_UP = """
filter | epoch | batch | mini-batch | optimiser | Adam | SGD | accuracy | validation | overfitting | backpropagation |
gradient | learning rate | max pooling | neuron | embedding | t-SNE | PCA | regularisation | dropout |
batch normalisation | weight decay | equivariance | CNN | softmax | cross-entropy | logit | augmentation | seed |
checkpoint
"""


@pytest.mark.parametrize("word", [" ".join(word.split()) for word in LOOKED_UP.split("|")])
def test_what_beginners_look_up_is_there(word: str):
    assert word.casefold() in explained()


def test_no_word_is_explained_twice_and_none_at_length():
    names = Counter(name.casefold() for term in terms() for name in term.names)
    assert [name for name, count in names.items() if count > 1] == []
    for term in terms():
        assert len(re.findall(r"[.!?](?= [A-Z]|$)", term.meaning)) <= 3, term.word
        assert len(term.meaning) <= 230, term.word
