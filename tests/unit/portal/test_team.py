"""The team pages: the code at the door, the reading that names nobody, the professional's question."""

import re
from html import unescape

import pytest
import structlog
from fakes import FakeBot
from houses import open_parts
from sqlalchemy import select
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from passerelle.app.web import build_web
from passerelle.app.workers import Workers
from passerelle.foundation.config import Settings
from passerelle.foundation.database import table_of
from passerelle.orientation.resources import find_resources
from passerelle.portal.tables import CollectiveNoteRow

CODE = "a-long-team-code"
OTHER_CODE = "another-team-code"
HOSPITAL = "quels dispositifs pour une sortie d'hôpital sans domicile à Vitré ?"
SHELTER = "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"
NOTE = {
    "commune": "Vitré",
    "domain_D04": "3",
    "domain_D02": "2",
    "factor_discharge": "1",
    "factor_text_1": "dettes de loyer <depuis> 3 mois",
    "strength_relative": "1",
    "level_N3": "1",
    "echelon_local": "1",
    "decision_text_1": "Saisir le SIAO",
    "decision_delay_1": "week",
}


@pytest.fixture
def parts(tmp_path):
    settings = Settings(var=tmp_path, teams=f"ccas={CODE},hopital={OTHER_CODE}")
    parts = open_parts(tmp_path, settings=settings, bot=FakeBot())
    yield parts
    parts.close()


class Team:
    """A browser in front of the team's pages."""

    def __init__(self, app):
        self.client = TestClient(app, base_url="http://localhost:8000")
        self.page = self.client.get("/equipe")

    def enters(self, code=CODE):
        self.page = self.client.post("/equipe", data={"code": code})
        return self

    def opens(self, path):
        self.page = self.client.get(path)
        return self.text

    def posts(self, path, **fields):
        token = re.search(r'name="form_token" value="([^"]+)"', self.page.text)
        data = ({"form_token": token[1]} if token else {}) | fields
        self.page = self.client.post(path, data=data)
        return self.text

    @property
    def text(self):
        return unescape(self.page.text)

    def hidden(self):
        found = re.findall(
            r'<input type="(hidden|checkbox)" name="(\w[^"]*)" value="([^"]*)"( checked)?', self.page.text
        )
        return {name: unescape(value) for kind, name, value, on in found if kind == "hidden" or on}


@pytest.fixture
def app(parts):
    return build_web(parts, with_workers=False)


@pytest.fixture
def team(app):
    return Team(app).enters()


def everything(parts):
    with parts.database.read() as session:
        return "".join(
            str(list(map(str, row)))
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def kept(parts):
    with parts.database.read() as session:
        return list(session.execute(select(table_of(CollectiveNoteRow).c.content)).scalars())


# --- the door ----------------------------------------------------------------------------------------------------


def test_the_code_of_a_team_opens_its_pages(team):
    assert team.page.url.path == "/equipe/accueil"
    assert "Lecture collective" in team.text


def test_a_wrong_code_opens_nothing(app):
    stranger = Team(app).enters("not-the-team-code")

    assert stranger.page.status_code == 403
    assert "Ce code n’est pas connu" in stranger.text
    assert stranger.client.get("/equipe/lecture").status_code == 401


@pytest.mark.parametrize("path", ["/equipe/accueil", "/equipe/lecture", "/equipe/question", "/equipe/notes/x"])
@pytest.mark.parametrize("cookie", ["", "ccas.9999999999.x.forged", "ccas", "....", "ccas.never.x.y"])
def test_no_page_opens_without_a_cookie_of_ours(app, path, cookie):
    stranger = TestClient(app, cookies={"equipe": cookie} if cookie else {})

    assert stranger.get(path).status_code == 401


def test_codes_cannot_be_guessed_by_trying_many(app):
    stranger = Team(app)
    for _ in range(20):
        stranger.enters("not-the-team-code")

    assert stranger.enters(CODE).page.status_code == 429


def test_a_session_ends_after_ten_hours_and_with_its_code(team, parts, tmp_path):
    renewed = open_parts(tmp_path / "b", settings=Settings(var=tmp_path, teams="ccas=a-new-team-code"))
    elsewhere = TestClient(build_web(renewed, with_workers=False), cookies=dict(team.client.cookies))
    assert elsewhere.get("/equipe/lecture").status_code == 401
    renewed.close()

    parts.clock.advance(hours=10, seconds=1)
    assert team.client.get("/equipe/lecture").status_code == 401


def test_a_form_of_another_page_is_refused(team):
    answer = team.client.post("/equipe/lecture", data=NOTE | {"form_token": "forged", "step": "keep"})

    assert answer.status_code == 401


def test_outside_the_demonstration_no_team_means_no_door(tmp_path):
    settings = Settings(var=tmp_path, demonstration=False, secret="s" * 32, twilio_tokens="t" * 32)
    parts = open_parts(tmp_path, settings=settings)
    stranger = Team(build_web(parts, with_workers=False))

    assert "Aucune équipe n’est inscrite" in stranger.text
    assert stranger.enters("").page.status_code == 403
    parts.close()


def test_in_the_demonstration_the_code_is_shown(tmp_path):
    parts = open_parts(tmp_path)

    assert "equipe-demonstration" in Team(build_web(parts, with_workers=False)).text
    parts.close()


@pytest.mark.parametrize("teams", ["ccas=short", "CCAS=a-long-team-code", "a-long-team-code"])
def test_a_team_without_a_good_name_or_code_keeps_the_program_from_starting(tmp_path, teams):
    with pytest.raises(ValueError, match="PASSERELLE_TEAMS"):
        Settings(var=tmp_path, teams=teams)


# --- the collective reading --------------------------------------------------------------------------------------


def to_the_note(team, **changed):
    team.opens("/equipe/lecture")
    team.posts("/equipe/lecture", step="resources", **(NOTE | changed))
    fields = team.hidden()
    fields.pop("form_token")
    return team.posts("/equipe/lecture", step="note", **fields)


def test_a_team_makes_a_note_of_factors_levels_decisions_and_resources(team):
    page = to_the_note(team)

    assert "Niveau C" in page
    for said in ("Logement", "3 blocage", "Sortie d’hôpital", "Un proche aide", "N3", "Saisir le SIAO (cette semaine)"):
        assert said in page
    assert re.search(r"01 99 00 \d\d \d\d", page)


def test_the_resources_are_those_of_the_territory_for_the_domains_touched(team, parts):
    team.opens("/equipe/lecture")
    page = team.posts("/equipe/lecture", step="resources", **NOTE)

    offers = parts.catalogue().offers
    proposed = [offers[name.removeprefix("service_")] for name in team.hidden() if name.startswith("service_")]
    needs = {need for need, known in parts.questionnaire.thematiques.items() if known.domain in {"D04", "D02"}}
    assert proposed
    assert all(offer.zone is None or offer.national or offer.zone & {"35360", "200039022", "35"} for offer in proposed)
    assert any(needs & set(offer.thematiques) for offer in proposed)
    assert "Seul un professionnel peut le demander" in page or "Vous pouvez le demander" in page


def test_the_note_says_the_intercommunality_never_the_commune(team):
    to_the_note(team)
    shown = re.search(r"<h1>.*?</main>", team.page.text, re.DOTALL)[0]

    assert "Vitré Communauté (Ille-et-Vilaine)" in shown
    assert "Vitré" not in shown.split("Ressources")[0].replace("Vitré Communauté", "")


def test_a_note_is_kept_only_when_the_team_says_so(team, parts):
    to_the_note(team)
    assert kept(parts) == []

    fields = team.hidden()
    fields.pop("form_token")
    page = team.posts("/equipe/lecture", step="keep", **fields)

    assert len(kept(parts)) == 1
    assert team.page.url.path.startswith("/equipe/notes/")
    assert "Gardée pour votre équipe" in page


def test_a_kept_note_is_read_by_its_team_alone_then_deleted_in_time(team, app, parts):
    to_the_note(team)
    fields = team.hidden()
    fields.pop("form_token")
    team.posts("/equipe/lecture", step="keep", **fields)
    path = team.page.url.path

    other = Team(app).enters(OTHER_CODE)
    assert other.client.get(path).status_code == 404
    other.posts(f"{path}/effacer")
    assert len(kept(parts)) == 1

    parts.clock.advance(days=180, seconds=1)
    Workers(parts).do_duties()
    assert kept(parts) == []


def test_a_team_deletes_its_note(team, parts):
    to_the_note(team)
    fields = team.hidden()
    fields.pop("form_token")
    team.posts("/equipe/lecture", step="keep", **fields)

    team.posts(f"{team.page.url.path}/effacer")

    assert kept(parts) == []
    assert "Aucune note gardée" in team.text


def test_a_note_is_downloaded_as_markdown_that_no_text_can_bend(team, parts):
    to_the_note(team)
    fields = team.hidden()
    team.posts("/equipe/lecture", step="download", **fields)

    assert team.page.headers["content-type"].startswith("text/markdown")
    assert 'filename="lecture-collective-2026-11-23.md"' in team.page.headers["content-disposition"]
    assert r"dettes de loyer \<depuis\> 3 mois" in team.page.text
    assert team.page.text.startswith("# Note de lecture collective\n")
    assert kept(parts) == []


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("factor_text_1", "Mme Kermarrec ne sort plus", "un nom"),
        ("strength_text_2", "sa nièce Anaïs Le Bihan passe", "un nom"),
        ("decision_text_3", "rappeler au 06 39 98 00 12", "long numéro"),
        ("resource_text_1", "ecrire a sam@example.org", "e-mail"),
        ("factor_text_2", "né le 12/03/1956", "date de naissance"),
        ("decision_text_1", "visite au 12 rue des Lilas", "une adresse"),
        ("factor_text_1", "1 56 03 35 238 012 45", "long numéro"),
        ("factor_text_1", "sclérose en plaques", "santé"),
        ("factor_text_1", "x" * 121, "120 caractères"),
    ],
)
def test_a_text_that_could_name_somebody_is_refused_and_forgotten(team, parts, field, text, why):
    with structlog.testing.capture_logs() as logs:
        team.opens("/equipe/lecture")
        page = team.posts("/equipe/lecture", step="keep", **(NOTE | {field: text}))

    assert team.page.status_code == 422
    assert why in page
    assert text not in page
    assert text not in everything(parts)
    assert text not in str(logs)
    assert kept(parts) == []
    # What was accepted is still there.
    assert field == "factor_text_1" or NOTE["factor_text_1"] in page


def test_no_field_beyond_the_form_is_kept(team, parts):
    team.opens("/equipe/lecture")
    team.posts(
        "/equipe/lecture",
        step="keep",
        **(NOTE | {"name": "Jean Dupont", "factor_dupont": "1", "service_dupont": "1", "decision_delay_1": "Dupont"}),
    )

    assert "upont" not in kept(parts)[0]


def test_a_note_needs_a_commune_and_a_domain(team):
    team.opens("/equipe/lecture")
    page = team.posts("/equipe/lecture", step="note", factor_isolated="1")

    assert team.page.status_code == 422
    assert "Dites la commune" in page
    assert "au moins un domaine" in page


def test_homonyms_are_asked_in_one_question(team):
    team.opens("/equipe/lecture")
    page = team.posts("/equipe/lecture", step="resources", **(NOTE | {"commune": "Saint-Denis"}))
    assert "Saint-Denis (Seine-Saint-Denis)" in page

    page = team.posts("/equipe/lecture", step="resources", **(NOTE | {"commune": "", "commune_code": "93066"}))
    assert team.page.status_code == 200


# --- the professional's question ---------------------------------------------------------------------------------


def test_a_question_is_answered_from_the_catalogue_without_any_dossier(team, parts):
    parts.bot.tell(HOSPITAL, needs=[SHELTER], entities=["rupture_discharge"])
    before = everything(parts)
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text=HOSPITAL)

    assert "Dispositifs pour Vitré (Ille-et-Vilaine)" in page
    assert "sortie d’hôpital récente" in page
    assert "peut le demander" in page
    assert "Connus et mis de côté" in page
    assert everything(parts) == before


def test_the_words_of_a_question_are_neither_shown_again_nor_logged(team, parts):
    words = "une famille de Vitré avec un secret tres reconnaissable"
    parts.bot.tell(words, needs=[SHELTER])
    team.opens("/equipe/question")
    with structlog.testing.capture_logs() as logs:
        page = team.posts("/equipe/question", text=words)

    assert "reconnaissable" not in page
    assert "reconnaissable" not in str(logs)
    assert "reconnaissable" not in everything(parts)


def test_a_professional_sees_what_only_professionals_may_ask_for(team, parts):
    catalogue = parts.catalogue()

    def found(need):
        at = parts.clock.now()
        return find_resources(
            (need,), "35360", catalogue=catalogue, places=parts.places, texts=parts.texts, at=at
        ).found

    reserved = next(n for n in sorted(catalogue.thematiques()) if any(r.asked_by == "professional" for r in found(n)))
    words = "a Vitré"
    parts.bot.tell(words, needs=[reserved])
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text=words)

    assert "Seul un professionnel peut le demander" in page


def test_one_question_is_asked_for_homonyms_and_the_needs_are_remembered(team, parts):
    parts.bot.tell("un toit à Saint-Denis", needs=[SHELTER])
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text="un toit à Saint-Denis")
    assert "De quelle commune s’agit-il" in page

    fields = team.hidden() | {"commune_code": "93066"}
    page = team.posts("/equipe/question", **fields)
    assert "Dispositifs pour Saint-Denis (Seine-Saint-Denis)" in page


def test_with_the_bot_down_the_needs_are_picked_in_the_list(team, parts):
    parts.bot.down = True
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text=HOSPITAL)
    assert "La lecture automatique ne répond pas" in page

    fields = team.hidden() | {f"need_{SHELTER}": "1"}
    assert "Dispositifs pour Vitré" in team.posts("/equipe/question", **fields)


def test_a_danger_is_answered_with_the_numbers_first_bot_or_no_bot(team, parts):
    parts.bot.down = True
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text="une dame dort dehors ce soir avec son bebe a Vitré")

    assert "Si une personne est en danger maintenant" in page
    assert 'href="tel:115"' in page


def test_a_danger_only_the_bot_hears_is_answered_too(team, parts):
    parts.bot.tell("il n'en peut plus", danger="suicide")
    team.opens("/equipe/question")

    assert 'href="tel:3114"' in team.posts("/equipe/question", text="il n'en peut plus")


def test_a_medical_question_gets_the_medical_boundary(team, parts):
    team.opens("/equipe/question")
    page = team.posts("/equipe/question", text="quelle dose de doliprane pour cette dame ?")

    assert "Je ne peux pas répondre sur la santé" in page
