"""The coordinator's pages: the register searched, corrected, put in force, and every change undone."""

import json
import re
import shutil

import pytest
from coordinator_house import CCAS, OTHER_CODE, TEAM_CODE, Coordinator, open_coordinator_parts
from sqlalchemy import select

from orientation_catalogue.supplement import LOCAL_SOURCE
from passerelle.foundation.database import table_of
from passerelle.handoff.reports import record_report
from passerelle.handoff.territory import Area
from passerelle.orientation.tables import OrientationGapRow
from passerelle.portal.coordinator.changes import OF_THE_CATALOGUE
from passerelle.portal.tables import RegisterChangeRow

FOOD = "equipement-et-alimentation--alimentation"
RENNES = Area(commune="35238", epci="243500139", departement="35")
NEW = {
    "structure": "Association des voisins",
    "commune": "Vitré",
    "zone": "epci",
    "nom": "La bagagerie",
    "description": "Des casiers pour garder ses affaires, tous les jours.",
    f"thematiques_{FOOD}": "1",
    "publics_tous-publics": "1",
    "telephone": "01 99 00 12 34",
    "frais": "gratuit",
    "modes_accueil_en-presentiel": "1",
    "mobilisable_par_usagers": "1",
}


@pytest.fixture
def parts(tmp_path):
    with open_coordinator_parts(tmp_path) as parts:
        yield parts


@pytest.fixture
def camille(parts):
    return Coordinator.of(parts).enters()


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """A house for the tests that change nothing in it; each asserts so."""
    with open_coordinator_parts(tmp_path_factory.mktemp("unchanged")) as parts:
        yield parts


@pytest.fixture(scope="module")
def reader(unchanged):
    return Coordinator.of(unchanged).enters()


def put_in_force(coordinator):
    """Prepare a version and put it in force."""
    coordinator.opens("version")
    text = coordinator.posts("version/preparer")
    assert "Une version est prête" in text, text
    number = re.search(r'name="number" value="(\d+)"[^>]*>\s*<p><button', coordinator.page.text)
    assert number
    return coordinator.posts("version/mettre-en-vigueur", number=number[1])


# --- the register ---


def test_a_code_opens_the_register_under_its_own_name(camille):
    assert "Vous êtes camille" in camille.text
    assert "Ille-et-Vilaine" in camille.text


def test_a_wrong_code_opens_nothing(parts):
    stranger = Coordinator.of(parts).enters("not-the-code-at-all")

    assert stranger.page.status_code == 403
    assert Coordinator.of(parts).client.get("/coordination/accueil").status_code == 401


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"words": "ccas rennes"}, True),
        ({"words": "RENNES Demonstration"}, True),
        ({"words": "zzz"}, False),
        ({"commune": "Rennes"}, True),
        ({"commune": "Vitré", "words": "ccas rennes"}, False),
        ({"epci": "243500139", "words": "ccas"}, True),
        ({"epci": "200039022", "words": "ccas rennes"}, False),
        ({"need": "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"}, True),
        ({"need": "mobilite--financer-ma-mobilite", "words": "ccas rennes"}, False),
    ],
)
def test_the_register_is_searched_by_words_need_commune_and_intercommunalite(reader, query, found):
    text = reader.opens("dispositifs", **query)

    assert ("Accueil social du CCAS de démonstration de Rennes" in text) == found


def test_a_long_list_is_read_page_by_page(reader):
    first = reader.opens("dispositifs")
    assert "Page 1 sur" in first

    assert "Page 2 sur" in reader.opens("dispositifs", page="2")
    assert reader.opens("dispositifs", page="999999") != first
    assert "Page 1 sur" in reader.opens("dispositifs", page="²")


def test_a_commune_that_nobody_knows_is_said_and_hides_nothing(reader):
    assert "Cette commune n’est pas reconnue." in reader.opens("dispositifs", commune="Trifouillis")


def test_a_dispositif_is_shown_whole_with_where_each_value_comes_from(reader):
    text = reader.opens("dispositif", id=CCAS)

    assert "01 99 00 00 01" in text
    assert "Dit par la source demo." in text
    assert "Complément au format national (source demo)." in text
    assert "Personne ne le dit." in text


def test_a_dispositif_that_is_not_there_is_a_page_that_says_so(reader):
    reader.opens("dispositif", id="nobody")

    assert reader.page.status_code == 404


# --- corrections ---


def test_a_correction_waits_for_the_next_version_then_names_its_author(camille, parts):
    camille.opens("corriger", id=CCAS, field="telephone")
    camille.posts("corriger", id=CCAS, field="telephone", value="01 99 00 12 34")

    assert "Sera remplacé à la prochaine version par : 01 99 00 12 34" in camille.text
    assert parts.catalogue().detail(CCAS)["service"]["telephone"] == "+33199000001"

    put_in_force(camille)

    assert parts.catalogue().detail(CCAS)["service"]["telephone"] == "01 99 00 12 34"
    text = camille.opens("dispositif", id=CCAS)
    assert "Corrigé par camille" in text
    assert "Avant : 01 99 00 00 01." in text


def test_undoing_a_correction_brings_the_source_back_with_the_next_version(camille, parts):
    camille.opens("corriger", id=CCAS, field="telephone")
    camille.posts("corriger", id=CCAS, field="telephone", value="01 99 00 12 34")
    put_in_force(camille)
    dominique = Coordinator.of(parts).enters(OTHER_CODE)
    dominique.opens("historique")
    number = re.search(r'name="number" value="(\d+)"', dominique.page.text)[1]

    text = dominique.posts("annuler", number=number)
    assert "Annulé par dominique" in text
    assert "Changements à mettre en vigueur : 1" in dominique.opens("accueil")

    put_in_force(dominique)
    assert parts.catalogue().detail(CCAS)["service"]["telephone"] == "+33199000001"


@pytest.mark.parametrize(
    ("field", "form", "why"),
    [
        ("telephone", {"value": "pas de numéro"}, "Ce n’est pas un numéro de téléphone."),
        ("courriel", {"value": "chez moi"}, "Ce n’est pas une adresse e-mail."),
        ("horaires_accueil", {"value": "9h-12h"}, "Ces horaires ne se lisent pas."),
        ("zone_eligibilite", {"value": "35 zz"}, "Un de ces codes de zone n’existe pas."),
        ("code_insee", {"value": "99999"}, "Aucune commune n’a ce code INSEE"),
        ("code_postal", {"value": "3500"}, "Un code postal a cinq chiffres."),
        ("lien_mobilisation", {"value": "javascript:alert(1)"}, "Une adresse web commence par https://"),
        ("nom", {"value": " "}, "Cette réponse manque."),
        ("thematiques", {}, "Cette réponse manque."),
        ("frais", {"value": "cher"}, "Choisissez dans la liste."),
        ("min_age", {"value": "dix"}, "Écrivez un nombre entier, en chiffres."),
        ("card.fr", {"value": "x" * 281}, "Une carte a 280 caractères au plus."),
        ("languages", {"value": "français"}, "Écrivez des codes de deux lettres"),
        ("referral_contact.email", {"value": "nobody"}, "Ce n’est pas une adresse e-mail."),
    ],
)
def test_a_value_that_an_import_would_refuse_is_refused_in_plain_words_and_kept_in_the_form(
    reader, unchanged, field, form, why
):
    reader.opens("corriger", id=CCAS, field=field)

    text = reader.posts("corriger", id=CCAS, field=field, **form)

    assert reader.page.status_code == 422
    assert why in text
    assert unchanged.register_changes.history() == ()


CORRECTIONS = (
    ("thematiques", {f"value_{FOOD}": "1"}, [FOOD]),
    ("frais", {"value": "payant"}, "payant"),
    ("zone_eligibilite", {"value": "35 243500139"}, ["35", "243500139"]),
    ("accepts_summary", {"value": "no"}, False),
    ("confidential_address", {"value": "yes"}, True),
    ("max_age", {"value": "25"}, 25),
    ("delay_days", {"value": "0"}, 0),
    ("languages", {"value": "fr, uk"}, ["fr", "uk"]),
    ("capacity", {"value": "unknown"}, "unknown"),
    ("rank", {"value": "2"}, 2),
    ("publics_precisions", {"value": ""}, None),
    ("card.fr", {"value": "Le CCAS, en deux lignes."}, "Le CCAS, en deux lignes."),
)


def test_every_kind_of_field_may_be_corrected_and_waits_no_more_once_in_force(camille, parts):
    camille.opens("accueil")
    for field, form, kept in CORRECTIONS:
        camille.posts("corriger", id=CCAS, field=field, **form)
        assert camille.page.status_code == 200, camille.text
        assert parts.register_changes.history()[0].value == kept

    put_in_force(camille)

    text = camille.opens("dispositif", id=CCAS)
    assert "Sera remplacé à la prochaine version" not in text
    assert "2. service de secteur du département" in text
    assert parts.catalogue().offers[CCAS].complement.max_age == 25


def test_a_field_that_does_not_exist_cannot_be_corrected(reader):
    reader.opens("corriger", id=CCAS, field="id")

    assert reader.page.status_code == 404


def test_a_closure_is_dated_and_in_force_with_the_next_version(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("fermer", id=CCAS, **{"from": "2026-12-24", "to": "2027-01-02", "reason": "Congés"})
    put_in_force(camille)

    [closure] = parts.catalogue().offers[CCAS].complement.closures
    assert (str(closure.start), str(closure.end), closure.reason) == ("2026-12-24", "2027-01-02", "Congés")
    assert "Fermé à partir du 24 décembre 2026, jusqu’au 2 janvier 2027" in camille.opens("dispositif", id=CCAS)


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        ({"from": "demain", "to": ""}, "Écrivez une date"),
        ({"from": "2026-12-24", "to": "bientôt"}, "Écrivez une date"),
        ({"from": "2026-12-24", "to": "2026-12-01"}, "Le dernier jour est avant le premier."),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(reader, unchanged, dates, why):
    reader.opens("dispositif", id=CCAS)

    assert why in reader.posts("fermer", id=CCAS, reason="", **dates)
    assert reader.page.status_code == 422
    assert unchanged.register_changes.history() == ()


def test_what_was_checked_today_is_fresh_with_the_next_version(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("verifier", id=CCAS)
    put_in_force(camille)

    assert str(parts.catalogue().offers[CCAS].complement.checked_on) == "2026-11-20"


# --- additions and withdrawals ---


def test_a_local_dispositif_is_added_and_found_once_in_force(camille, parts):
    camille.opens("ajouter")
    text = camille.posts("ajouter", **NEW)
    assert "Ce dispositif vient d’être ajouté." in text
    assert "bagagerie" not in camille.opens("dispositifs", words="bagagerie").split("Dispositifs trouvés")[1]

    put_in_force(camille)

    assert "La bagagerie" in camille.opens("dispositifs", words="bagagerie", commune="Vitré")
    added = next(offer for offer in parts.register.offers() if offer.source == LOCAL_SOURCE)
    assert added.zone == frozenset({"200039022"})
    assert added.commune == "35360"


def test_a_form_with_faults_says_each_beside_its_field_and_keeps_what_was_typed(reader, unchanged):
    reader.opens("ajouter")

    text = reader.posts("ajouter", **{**NEW, "nom": "", "telephone": "zéro", "commune": "Trifouillis", "zone": ""})

    assert reader.page.status_code == 422
    assert "Réponses à revoir" in text
    assert text.count('class="wrong"') == 3
    assert "Association des voisins" in text
    assert unchanged.register_changes.history() == ()


def test_a_new_row_is_checked_like_an_import(reader):
    reader.opens("ajouter")

    text = reader.posts("ajouter", **{**NEW, "telephone": "zéro", "horaires_accueil": "9h-12h"})

    assert "Ce n’est pas un numéro de téléphone." in text
    assert "Ces horaires ne se lisent pas." in text


def test_a_withdrawn_dispositif_leaves_with_the_next_version_and_comes_back_when_undone(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("retirer", id=CCAS)
    put_in_force(camille)
    assert CCAS not in parts.catalogue().offers

    camille.opens("historique")
    camille.posts("annuler", number=str(parts.register_changes.history()[0].number))
    put_in_force(camille)
    assert CCAS in parts.catalogue().offers


# --- versions ---


def test_preparing_a_version_changes_nothing_in_force_and_says_who_would_lose(camille, parts):
    before = parts.catalogue().sha256
    camille.opens("dispositif", id=CCAS)
    camille.posts("retirer", id=CCAS)
    camille.opens("version")

    text = camille.posts("version/preparer")

    assert "Essai sur 80 profils inventés du département" in text
    assert "Perdraient leur première porte" in text
    assert parts.catalogue().sha256 == before


def test_going_back_puts_the_former_version_in_force_at_once(camille, parts):
    before = parts.catalogue().sha256
    camille.opens("dispositif", id=CCAS)
    camille.posts("retirer", id=CCAS)
    put_in_force(camille)
    assert parts.catalogue().sha256 != before

    camille.opens("version")
    text = camille.posts("version/revenir")

    assert parts.catalogue().sha256 == before
    assert "Changements qui attendent : 1" in text


def test_a_version_is_not_put_in_force_twice_nor_when_it_is_not_the_newest(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("verifier", id=CCAS)
    put_in_force(camille)

    camille.posts("version/mettre-en-vigueur", number="1")

    assert camille.page.status_code == 404


def test_a_preparation_that_fails_is_said_and_leaves_the_catalogue_in_force(camille, parts):
    before = parts.catalogue().sha256
    for rows in (parts.settings.var / "catalogue").glob("*.rows"):
        rows.unlink()
    camille.opens("version")

    text = camille.posts("version/preparer")

    assert "La dernière préparation a échoué." in text
    assert parts.catalogue().sha256 == before


def test_two_versions_are_not_prepared_at_once(camille, parts):
    versions = parts.catalogue_versions
    versions._make = lambda *_: None
    versions.prepare("camille")
    camille.opens("accueil")

    camille.posts("version/preparer")

    assert camille.page.status_code == 409
    assert "Une version est en préparation (par camille" in camille.opens("version")


def test_a_preparation_killed_with_its_process_does_not_stay_in_the_way(camille, parts):
    versions = parts.catalogue_versions
    versions._make = lambda *_: None
    versions.prepare("camille")

    parts.clock.advance(hours=1)

    assert versions.list()[0].state == "failed"
    assert versions.prepare("camille") == 2


# --- the territory ---


def test_the_territory_shows_its_desks_referents_and_instances(reader):
    text = reader.opens("territoire")

    assert "Accueil humain de démonstration, Rennes Métropole" in text
    assert "référente d'accueil social" in text
    assert "Comité local fictif des parcours, Rennes" in text
    assert "le premier mardi de chaque mois, à 14 h" in text
    assert "Échelon de la région" in text


def test_a_corrected_desk_is_said_to_people_at_once_and_undone_at_once(camille, parts):
    camille.opens("territoire/corriger", kind="desk", line="desk-rennes", field="phone")
    camille.posts("territoire/corriger", kind="desk", line="desk-rennes", field="phone", value="+33199003009")
    assert parts.territory.desk_for(RENNES).phone == "+33199003009"

    camille.opens("historique")
    camille.posts("annuler", number=str(parts.register_changes.history()[0].number))
    assert parts.territory.desk_for(RENNES).phone == "+33199003001"


def test_the_members_of_an_instance_are_one_a_line(camille, parts):
    camille.opens("territoire/corriger", kind="instance", line="instance-rennes", field="members")
    camille.posts(
        "territoire/corriger", kind="instance", line="instance-rennes", field="members", value="CCAS\r\n\r\nhôpital "
    )

    assert parts.territory.instances()[0].members == ("CCAS", "hôpital")


@pytest.mark.parametrize(
    ("kind", "line", "field", "value", "why"),
    [
        ("desk", "desk-rennes", "hours", "9h-12h", "Ces horaires ne se lisent pas."),
        ("desk", "desk-rennes", "phone", "ici", "Ce n’est pas un numéro de téléphone."),
        ("referent", "ccas-rennes", "email", "ici", "Ce n’est pas une adresse e-mail."),
        ("referent", "ccas-rennes", "function", "f" * 51, "C’est trop long."),
        ("instance", "instance-rennes", "purpose", "", "Cette réponse manque."),
    ],
)
def test_a_line_of_the_territory_that_could_not_serve_is_refused(reader, unchanged, kind, line, field, value, why):
    reader.opens("territoire/corriger", kind=kind, line=line, field=field)

    assert why in reader.posts("territoire/corriger", kind=kind, line=line, field=field, value=value)
    assert reader.page.status_code == 422
    assert unchanged.register_changes.history() == ()


@pytest.mark.parametrize(
    ("kind", "line", "field"),
    [("desk", "desk-rennes", "zones"), ("desk", "nobody", "phone"), ("x", "desk-rennes", "phone")],
)
def test_only_lines_and_fields_of_the_register_are_corrected(reader, kind, line, field):
    reader.opens("territoire/corriger", kind=kind, line=line, field=field)

    assert reader.page.status_code == 404


# --- what was said, what lacks ---


def report(unchanged, kind="wrong_number", service=CCAS):
    with unchanged.database.write() as session:
        record_report(session, service=service, kind=kind, told_by="resident", day=unchanged.clock.now().date())


def test_a_report_waits_until_the_coordinator_settles_it(camille, parts):
    report(parts)
    assert "Signalements à traiter : 1" in camille.opens("accueil")
    assert "Le numéro est faux ou ne répond pas." in camille.opens("dispositif", id=CCAS)
    assert "Accueil social du CCAS de démonstration de Rennes" in camille.opens("signalements")

    text = camille.posts("signalements/clore", id=CCAS, kind="wrong_number", how="dismissed")

    assert "Aucun signalement n’attend." in text


def test_a_report_is_settled_in_one_of_two_ways(camille, parts):
    report(parts)
    camille.opens("signalements")

    camille.posts("signalements/clore", id=CCAS, kind="wrong_number", how="ignored")

    assert camille.page.status_code == 404
    assert len(parts.coordination.reports()) == 1


def test_the_page_of_sources_says_their_age_and_what_the_import_refused(camille, parts):
    path = next((parts.settings.var / "catalogue").glob("*.report.json"))
    said = json.loads(path.read_text(encoding="utf-8"))
    refused = {
        "file": "/srv/x/s.json",
        "row": 12,
        "id": "di--9",
        "field": "telephone",
        "value": "'zéro'",
        "problem": "no",
    }
    path.write_text(json.dumps(said | {"problems": 1, "refused": [refused]}), encoding="utf-8")

    text = camille.opens("import")

    assert "demo" in text
    assert "s.json, 12" in text
    assert "/srv/x" not in text
    assert "Ce n’est pas un numéro de téléphone." in text


def test_a_catalogue_without_a_report_says_so(camille, parts):
    for path in (parts.settings.var / "catalogue").glob("*.report.json"):
        path.unlink()

    assert "Le catalogue en vigueur n’a pas de rapport d’import." in camille.opens("import")


def test_the_gaps_are_drawn_and_told_in_a_table(reader):
    text = reader.opens("manques")

    assert '<svg xmlns="http://www.w3.org/2000/svg" role="img"' in text
    assert "Rennes Métropole" in text
    assert "Aucune demande de ce mois" in text


def test_small_counts_of_gaps_are_hidden(camille, parts):
    with parts.database.write() as session:
        for count, need in ((12, FOOD), (3, "numerique--acceder-a-internet")):
            session.add(OrientationGapRow(month="2026-11", territory="243500139", need=need, kind="none", count=count))
            session.add(OrientationGapRow(month="2026-11", territory="200039022", need=need, kind="none", count=40))

    asked = camille.opens("manques", month="2026-11").partition('id="asked"')[2]

    assert "novembre 2026" in asked
    assert "<td>caché</td>" in asked
    assert "<td>3</td>" not in asked


def test_every_change_is_kept_with_its_author(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("verifier", id=CCAS)
    camille.posts("retirer", id=CCAS)

    with parts.database.read() as session:
        rows = session.execute(select(table_of(RegisterChangeRow).c.by)).scalars().all()
    assert rows == ["camille", "camille"]


def test_a_team_reports_an_error_from_the_answer_to_its_question(parts, camille):
    team = Coordinator.of(parts)
    team.client.post("/equipe", data={"code": TEAM_CODE})
    team.page = team.client.get("/equipe/question")
    answer = team.client.post(
        "/equipe/question",
        data={"form_token": team.token, "commune": "Rennes", f"need_{FOOD}": "1"},
    )
    service = re.search(r'name="service" value="(demo--[^"]+)"', answer.text)[1]

    told = team.client.post(
        "/equipe/signaler", data={"form_token": team.token, "service": service, "kind": "wrong_card"}
    )

    assert "La coordination du territoire le verra." in told.text
    assert "La fiche n’est pas juste." in camille.opens("signalements")
    assert "dont 1 par des professionnels" in camille.text


@pytest.mark.parametrize(("service", "kind"), [("nobody", "closed"), (CCAS, "ugly")])
def test_a_team_reports_only_what_is_in_the_catalogue(reader, unchanged, service, kind):
    team = Coordinator.of(unchanged)
    team.client.post("/equipe", data={"code": TEAM_CODE})
    team.page = team.client.get("/equipe/question")

    told = team.client.post("/equipe/signaler", data={"form_token": team.token, "service": service, "kind": kind})

    assert told.status_code == 404
    assert unchanged.coordination.reports() == ()


def test_an_import_keeps_the_corrections_and_they_no_longer_wait(camille, parts):
    camille.opens("corriger", id=CCAS, field="telephone")
    camille.posts("corriger", id=CCAS, field="telephone", value="01 99 00 12 34")

    parts.build_catalogue(parts.register_changes.live(OF_THE_CATALOGUE))

    assert parts.catalogue().detail(CCAS)["service"]["telephone"] == "01 99 00 12 34"
    assert "Changements qui attendent : 0" in camille.opens("version")


def test_a_lost_catalogue_is_made_again_with_what_coordinators_said(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("retirer", id=CCAS)
    shutil.rmtree(parts.settings.var / "catalogue")

    parts.prepare()

    assert CCAS not in parts.catalogue().offers


def test_a_version_prepared_before_an_import_cannot_undo_it(camille, parts):
    camille.opens("dispositif", id=CCAS)
    camille.posts("verifier", id=CCAS)
    camille.opens("version")
    assert "Une version est prête" in camille.posts("version/preparer")
    camille.opens("dispositif", id=CCAS)
    camille.posts("retirer", id=CCAS)

    parts.build_catalogue(parts.register_changes.live(OF_THE_CATALOGUE))

    assert "Une version est prête" not in camille.opens("version")
    camille.posts("version/mettre-en-vigueur", number="1")
    assert camille.page.status_code == 404
    assert CCAS not in parts.catalogue().offers
