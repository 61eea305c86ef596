"""What a form tells of a model: parameters with types, bounds, choices and defaults; and where it reads them from."""

from __future__ import annotations

import json
import pickle

import pytest

from aiml_nb.schema import Form
from tests.contract import form, records


def test_a_parameter_tells_all_that_its_schema_says() -> None:
    """Types, bounds, default, meaning and whether it is needed stand on the parameter."""
    count = form("alibaba/qwen-image").by_name["num_images"]
    assert ("number",) == count.types
    assert (1, 4, 1) == (count.minimum, count.maximum, count.default)
    assert not count.required
    assert "1 to 4" == count.allowed
    assert "number of images" in count.description
    assert form("alibaba/qwen-image").by_name["prompt"].max_length == 4000


def test_a_default_of_the_wrong_type_is_made_right() -> None:
    """Where a schema gives "5" as the default of an integer, the form says 5."""
    assert 5 == form("kling-video/v1.6/standard/text-to-video").by_name["duration"].default
    assert 44100 == form("minimax/music-1.5").by_name["audio_setting.audio_sample_rate"].default


def test_parameters_inside_others_have_dotted_names() -> None:
    """`voice_setting.voice_id` and `image_size.width` are parameters too, whichever alternative holds them."""
    assert form("minimax/speech-2.5-hd-preview").takes("voice_setting.voice_id")
    assert 1536 == form("alibaba/qwen-image").by_name["image_size.width"].maximum


def test_choices_are_told_apart_from_values_that_must_be_one_of_them() -> None:
    """A voice that may be any id has choices but no closed list of them."""
    voice = form("minimax/speech-2.5-hd-preview").by_name["voice_setting.voice_id"]
    assert () == voice.enum
    assert "Wise_Woman" in voice.choices
    assert ("url", "b64_json") == form("dall-e-2").by_name["response_format"].enum


def test_a_parameter_has_its_common_word() -> None:
    """`num_images` is `n`, `image_size` is `size`; what has no common word has none."""
    flux = form("flux-realism")
    assert ["n", "size", "guidance", None] == [
        flux.word(name) for name in ("num_images", "image_size", "guidance_scale", "enable_safety_checker")
    ]


@pytest.mark.parametrize(
    ("model", "parameter", "takes"),
    [
        ("magic/image-to-3d", "front_image_url", True),  # "supplied via URL or Base64"
        ("triposr", "image_url", False),  # "The URL of the reference image."
        ("tencent/hunyuan-part", "mesh_url", False),
        ("alibaba/wan2.2-vace-fun-a14b-outpainting", "video_url", True),  # "or a data URI"
        ("alibaba/qwen-image-edit", "image", True),
        ("flux/kontext-pro/image-to-image", "image_url", False),
        ("google/gc-document-ai", "document", True),  # a URI or any text
        ("mistral-ocr-2512", "document.document_url", True),
        ("klingai/video-v3-omni-720p-image-to-video", "tail_image_url", True),  # as image_url of the same model says
    ],
)
def test_prose_says_whether_a_file_may_be_sent(model: str, parameter: str, takes: bool) -> None:
    """A parameter takes a file's bytes where its description says so, and only a URL where it speaks of nothing else."""
    assert takes is form(model).accepts_file(parameter)


def test_a_form_is_read_from_the_providers_whole_document() -> None:
    """An OpenAPI document gives the path and the schema of its POST, its references resolved."""
    part = {"type": "object", "properties": {"prompt": {"$ref": "#/components/schemas/Text"}}, "required": ["prompt"]}
    document = {
        "paths": {"/v1/other": {"get": {}}, "/v1/images/generations": {"post": {"requestBody": {"content": {"application/json": {"schema": part}}}}}},
        "components": {"schemas": {"Text": {"type": "string", "maxLength": 7}}},
    }  # fmt: skip
    read = Form.from_json(document, model="m")
    assert ("/v1/images/generations", 7) == (read.path, read.by_name["prompt"].max_length)


def test_a_reference_to_itself_ends() -> None:
    """A schema that holds itself is read to the point where it begins again."""
    document = {
        "components": {
            "schemas": {"Tree": {"type": "object", "properties": {"tree": {"$ref": "#/components/schemas/Tree"}}}}
        }
    }
    schema = {"type": "object", "properties": {"tree": {"$ref": "#/components/schemas/Tree"}}, **document}
    assert Form.from_json(schema).takes("tree.tree")


def test_parts_are_merged_and_the_alternative_of_the_model_is_taken() -> None:
    """`allOf` adds up; of `anyOf` the branch that lists the model counts."""
    parts = {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {}}},
        ]
    }
    assert ({"a", "b"}, {"a"}) == (set(Form.from_json(parts).properties), set(Form.from_json(parts).required))
    branches = {
        "anyOf": [
            {
                "type": "object",
                "properties": {"model": {"enum": [name]}, name: {"type": "string"}},
                "required": ["model", name],
            }
            for name in ("one", "two")
        ]
    }
    assert form("anthropic/claude-haiku-4.5").takes("temperature")
    assert not Form.from_json(branches, model="two").takes("one")
    assert {"model"} == set(Form.from_json(branches, model="three").required)


def test_a_form_survives_the_cache() -> None:
    """It goes through JSON and through pickle, and tells the same."""
    for record in records()[:10]:
        known = form(record["model"], record["path"])
        again = Form.from_json(json.loads(json.dumps(known.to_json())))
        assert known.parameters == again.parameters == pickle.loads(pickle.dumps(known)).parameters
        assert (known.path, known.model) == (again.path, again.model)


@pytest.mark.parametrize("nothing", [{}, {"type": "object"}, {"paths": {}}, {"paths": {"/x": {"post": {}}}}])
def test_no_schema_is_said(nothing: dict[str, object]) -> None:
    """Where there is no schema of an object, from_json says so."""
    with pytest.raises(ValueError, match="no request schema"):
        Form.from_json(nothing)
