"""torchvision's networks: from a fixed list, the same weights for the same seed, facts without a download."""

import pytest
import torch

from cnnviz.models.importers.architectures import architecture_names, build_architecture, find_architecture
from cnnviz.models.importers.records import ImportedNetworkError
from cnnviz.models.importers.state_dict import load_into


def test_facts_are_those_that_torchvision_publishes():
    known = find_architecture("inception_v3")
    assert (known.input_shape, known.resize) == ((3, 299, 299), 342)
    assert find_architecture("resnet18").mean == (0.485, 0.456, 0.406)
    assert find_architecture("resnet18").std == (0.229, 0.224, 0.225)
    assert find_architecture("resnet18").categories[:2] == ("tench", "goldfish")
    assert find_architecture("resnet18").parameters == 11_689_512


def test_every_network_of_the_list_has_its_facts():
    names = architecture_names()
    assert len(names) > 60
    assert all(len(find_architecture(name).categories) == 1_000 for name in names)
    assert all(find_architecture(name).parameters <= 150_000_000 for name in names)


def test_a_seed_gives_the_same_weights_and_leaves_the_program_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = (build_architecture("squeezenet1_1", 7, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    name = "features.0.weight"
    assert torch.equal(one.get_parameter(name), same.get_parameter(name))
    assert not torch.equal(one.get_parameter(name), other.get_parameter(name))
    assert not one.training
    load_into(one, other.state_dict())
    assert torch.equal(one.get_parameter(name), other.get_parameter(name))


@pytest.mark.parametrize("name", ["os", "resnet18; import os", "maskrcnn_resnet50_fpn", "vit_h_14"])
def test_a_name_that_is_not_in_the_list_is_refused(name: str):
    with pytest.raises(ImportedNetworkError, match="architecture must be one of alexnet, convnext_base"):
        find_architecture(name)
    with pytest.raises(ImportedNetworkError, match="architecture must be one of alexnet, convnext_base"):
        build_architecture(name)


def test_a_number_of_classes_that_cannot_be_is_refused():
    with pytest.raises(ImportedNetworkError, match="number of classes must be from 2 to 100000, got 1"):
        build_architecture("alexnet", 1)
