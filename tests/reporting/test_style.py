from benchmarks.reporting.style import COLOURS, appearances, lighter


def test_ten_models_look_different_and_the_others_are_background():
    models = [f"model {i}" for i in range(26)]
    looks = appearances(models)
    assert len({looks[model].colour for model in models[:10]}) == 10
    assert looks["model 0"].colour == "#000000"
    assert len({looks[model] for model in models[10:]}) == 1
    assert list(looks)[:16] == models[10:]  # drawn first


def test_a_model_keeps_its_colour_in_other_company():
    places = {"a": 3, "b": 5, "c": 12}  # 12 comes round to 3, which is taken
    few, more = appearances(["reference", "b"], places), appearances(["reference", "c", "b", "a"], places)
    assert few["b"] == more["b"]
    assert more["a"].colour == COLOURS[3]
    assert more["c"].colour == COLOURS[4]
    assert len({look.colour for look in more.values()}) == 4


def test_a_lighter_drawing_keeps_its_letters():
    svg = '<g transform="translate(1.2345 2.5) scale(0.015625)"><path d="M 0.123456 7 \nL 3 4.5 \nz\n"/></g>'
    assert lighter(svg) == '<g transform="translate(1.23 2.5) scale(0.015625)"><path d="M0.12 7L3 4.5z"/></g>'
