"""Checks of the data, the shipped models and the exported module: python3 -m unittest test_models"""
import hashlib
import json
import math
import random
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

import train
from choose import CONTROL_COLUMNS, Choose, most_probable, position_among, scripted_choose
from decoding import Decoder, Sampling, Sequence, control, load_module
from export import scripted
from export_choose import RESOURCES
from model import LanguageModel, ModelShape, load_checkpoint
from paged import PagedModel, working_bytes
from plain import descending, expected_statistics, expected_token, last_logits, plain_model
from problems import (ANSWER, END_THINK, EOS, PAD, RESULT, SPECIAL_TOKENS, TEMPLATES, THINK, TOKEN_IDS, UNKNOWN, VOCABULARY,
                      draw_chain, draw_problem, encode, parse_answer, tokenise)
from scores import auroc, largest_windowed_entropy, running_edis, running_windowed_entropy
from tokenclass import token_classes
from working_memory import bound_of, most_allocated

HERE = Path(__file__).parent
MODELS = ("reasoner-s", "reasoner-l")
torch.set_num_threads(1)
SCRIPTED = scripted_choose()


def prompts(count, seed):
    rng = random.Random(seed)
    return [encode(tokenise(draw_problem(rng, "evaluation").prompt) + [THINK]) for _ in range(count)]


class ProblemsTest(unittest.TestCase):
    def test_equal_seeds_give_equal_problems(self):
        def draw(seed):
            rng = random.Random(seed)
            return [(problem.prompt, draw_chain(rng, problem).tokens) for problem in (draw_problem(rng) for _ in range(50))]
        self.assertEqual(draw(3), draw(3))
        self.assertNotEqual(draw(3), draw(4))

    def test_chains_answer_their_problem_and_use_known_words(self):
        rng = random.Random(5)
        for _ in range(500):
            problem = draw_problem(rng, rng.choice(("training", "evaluation")))
            chain = draw_chain(rng, problem)
            self.assertEqual(parse_answer(chain.tokens), problem.answer)
            self.assertEqual(tokenise(" ".join(chain.tokens)), chain.tokens)
            self.assertNotIn(TOKEN_IDS[UNKNOWN], encode(tokenise(problem.prompt) + chain.tokens))
            self.assertEqual(len(chain.tokens), len(chain.learn))
            self.assertGreaterEqual(problem.answer, 1)

    def test_values_stay_within_their_level(self):
        rng = random.Random(6)
        for _ in range(1000):
            problem = draw_problem(rng)
            largest = TEMPLATES["levels"][problem.level]["largest_value"]
            self.assertTrue(all(1 <= step.after <= largest for step in problem.steps))
            self.assertTrue(2 <= len(problem.steps) <= 8)

    def test_only_injected_slips_are_left_out_of_the_loss(self):
        rng = random.Random(7)
        for _ in range(300):
            problem = draw_problem(rng)
            chain = draw_chain(rng, problem)
            left_out = [token_class for learn, token_class in zip(chain.learn, chain.classes) if not learn]
            self.assertTrue(all(token_class == RESULT for token_class in left_out))

    def test_rule_for_token_classes_agrees_with_the_generator(self):
        rng = random.Random(8)
        for _ in range(500):
            chain = draw_chain(rng, draw_problem(rng))
            self.assertEqual(token_classes(chain.tokens), chain.classes)


class ModelFolderTest(unittest.TestCase):
    def test_description_vocabulary_and_module_agree(self):
        for name in MODELS:
            folder = HERE / name
            module, description = load_module(folder)
            tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            self.assertEqual(tokenizer["model"]["vocab"], TOKEN_IDS)
            self.assertEqual([token["content"] for token in tokenizer["added_tokens"]], list(SPECIAL_TOKENS))
            self.assertEqual(description["vocabulary_size"], len(VOCABULARY))
            self.assertEqual(tuple(module.state_dict()["embedding.weight"].shape), (len(VOCABULARY), description["width"]))
            self.assertTrue(all(weight.dtype == torch.float64 for weight in module.state_dict().values()))
            self.assertEqual(description["eos_token_ids"], [TOKEN_IDS[EOS]])
            for key, token in (("pad", PAD), ("unk", UNKNOWN), ("think", THINK), ("end_think", END_THINK), ("answer", ANSWER)):
                self.assertEqual(description["reasoner"][key + "_token_id"], TOKEN_IDS[token])
            self.assertEqual(description["sha256"], hashlib.sha256((folder / "model.pt").read_bytes()).hexdigest())

    def test_fixtures_belong_to_the_shipped_models(self):
        for name in MODELS:
            module, description = load_module(HERE / name)
            model = plain_model(module, description)
            case = json.loads((HERE / "fixtures" / f"logits-{name}.json").read_text(encoding="utf-8"))["cases"][0]
            worst = np.abs(last_logits(model, case["prompt_token_ids"]) - case["steps"][0]["logits"]).max()
            self.assertLess(worst, 1e-6)


def choose_with_statistics(logits, temperature, top_k, top_p, min_p, u, rank):
    """(tokens, statistics) by the module, from columns."""
    rows = [Sampling(*values) for values in zip(temperature.tolist(), top_k.tolist(), top_p.tolist(), min_p.tolist())]
    tokens, statistics, _, _ = SCRIPTED(logits, control(rows, u.tolist(), rank.tolist(), logits.dtype), torch.tensor(0))
    return tokens, statistics


class ShippedChoiceTest(unittest.TestCase):
    def test_the_module_that_ships_is_that_of_the_source(self):
        shipped = torch.jit.load(str(RESOURCES / "choose.pt"))
        self.assertEqual(shipped.code, SCRIPTED.code)
        self.assertEqual(shipped.adjusted.code, SCRIPTED.adjusted.code)
        described = json.loads((RESOURCES / "choose.json").read_text(encoding="utf-8"))
        self.assertEqual(described["control_columns"], list(CONTROL_COLUMNS))


class ChoiceTest(unittest.TestCase):
    """Sampling and statistics against one-token-at-a-time code that shares nothing with the module."""

    def setUp(self):
        generator = torch.Generator().manual_seed(11)
        self.logits = torch.randn(300, 162, generator=generator, dtype=torch.float64) * 3
        self.logits[::7, 20:40] = self.logits[::7, 20:21]  # ties: the lower id is first
        self.u = torch.rand(300, generator=generator, dtype=torch.float64)

    def check_settings(self, temperature, top_k, top_p, min_p):
        rows = len(self.logits)
        tokens, _ = choose_with_statistics(
            self.logits, torch.full((rows,), temperature).double(), torch.full((rows,), top_k), torch.full((rows,), top_p).double(),
            torch.full((rows,), min_p).double(), self.u, torch.full((rows,), -1))
        expected = [expected_token(self.logits[row].numpy(), temperature, top_k, top_p, min_p, float(self.u[row])) for row in range(rows)]
        self.assertEqual(tokens.tolist(), expected)

    def test_temperature_and_filters(self):
        for temperature in (0.0, 0.2, 0.7, 1.0, 1.8):
            for top_k, top_p, min_p in ((0, 1.0, 0.0), (5, 1.0, 0.0), (0, 0.8, 0.0), (0, 1.0, 0.1), (8, 0.9, 0.05), (1, 1.0, 0.0),
                                        (0, 0.0, 0.0), (0, 1.0, 1.0), (400, 0.5, 0.3)):
                with self.subTest(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p):
                    self.check_settings(temperature, top_k, top_p, min_p)

    def test_rank_overrides_sampling(self):
        rows = len(self.logits)
        ranks = torch.arange(rows) % 200
        tokens, statistics = choose_with_statistics(self.logits, torch.ones(rows).double(), torch.full((rows,), 1), torch.ones(rows).double(),
                                                    torch.zeros(rows).double(), self.u, ranks)
        for row in range(rows):
            order = sorted(range(162), key=lambda token: (-float(self.logits[row, token]), token))
            rank = min(int(ranks[row]), 161)
            self.assertEqual(int(tokens[row]), order[rank])
            self.assertEqual(float(statistics[row, 5]), rank)

    def test_statistics_follow_their_formulas(self):
        rows = len(self.logits)
        ones = torch.ones(rows).double()
        tokens, statistics = choose_with_statistics(self.logits, ones, torch.zeros(rows).long(), ones, 0 * ones, self.u, torch.full((rows,), -1))
        for row in range(rows):
            expected = expected_statistics(self.logits[row].numpy(), int(tokens[row]))
            np.testing.assert_allclose(statistics[row].numpy(), expected, atol=3e-6)

    def test_extreme_logits_stay_finite_and_entropy_never_negative(self):
        logits = torch.zeros(3, 162, dtype=torch.float64)
        logits[0, 7], logits[1, 3], logits[2, 0] = 700.0, 1e-9, -1e4
        ones = torch.ones(3).double()
        _, statistics = choose_with_statistics(logits, ones, torch.zeros(3).long(), ones, 0 * ones, 0.999999 * ones, torch.full((3,), -1))
        self.assertTrue(torch.isfinite(statistics).all())
        self.assertTrue((statistics[:, 0] >= 0).all())

    def test_words_that_are_ruled_out_cost_nothing_and_are_never_drawn(self):
        """Models with a padded vocabulary give minus infinity to what is no token."""
        logits = self.logits.clone()
        logits[:, 100:] = -math.inf
        rows, ones = len(logits), torch.ones(len(logits)).double()
        tokens, statistics = choose_with_statistics(logits, ones, torch.zeros(rows).long(), ones, 0 * ones, self.u, torch.full((rows,), -1))
        self.assertLess(int(tokens.max()), 100)
        self.assertTrue(torch.isfinite(statistics).all())
        for row in range(rows):
            expected = expected_statistics(logits[row, :100].numpy(), int(tokens[row]))
            # Self-certainty counts every word, also those that cannot come.
            np.testing.assert_allclose(statistics[row, [0, 1, 2, 4, 5]].numpy(), np.array(expected)[[0, 1, 2, 4, 5]], atol=3e-6)

    def test_a_row_that_is_no_number_shows_in_its_own_statistics_alone(self):
        logits = self.logits.clone()
        logits[5] = math.nan
        rows, ones = len(logits), torch.ones(len(logits)).double()
        for temperature in (0.0, 1.0):
            arguments = (temperature * ones, torch.full((rows,), 5), 0.9 * ones, 0.1 * ones, self.u, torch.full((rows,), -1))
            tokens, statistics = choose_with_statistics(logits, *arguments)
            healthy_tokens, healthy = choose_with_statistics(self.logits, *arguments)
            self.assertTrue(torch.isnan(statistics[5, :5]).all())
            others = torch.arange(rows) != 5
            self.assertTrue(torch.equal(tokens[others], healthy_tokens[others]))
            self.assertTrue(torch.equal(statistics[others], healthy[others]))
            self.assertTrue(0 <= int(tokens[5]) < 162)


class LargeVocabularyTest(unittest.TestCase):
    """Above 1024 words only those rows are sorted that need it; what comes out must not depend on that."""

    WORDS = 3000

    def setUp(self):
        generator = torch.Generator().manual_seed(17)
        rows = 240
        # From peaked to flat, so that the most probable 1024 words decide some rows and not others.
        spread = torch.linspace(0.05, 6, rows, dtype=torch.float64).unsqueeze(-1)
        self.logits = torch.randn(rows, self.WORDS, generator=generator, dtype=torch.float64) * spread
        self.logits[::5] = (self.logits[::5] * 2).round() / 2  # ties, also where the 1024 end
        self.u = torch.rand(rows, generator=generator, dtype=torch.float64)
        self.ones = torch.ones(rows, dtype=torch.float64)

    def choose(self, temperature, top_k, top_p, min_p, rank, rows=slice(None)):
        ones = self.ones[rows]
        return choose_with_statistics(self.logits[rows], temperature * ones, (top_k * ones).long(), top_p * ones, min_p * ones, self.u[rows],
                                      (rank * ones).long())

    def test_tokens_and_statistics_are_those_of_the_whole_order(self):
        for temperature, top_k, top_p, min_p, rank in (
                (1.0, 0, 1.0, 0.0, -1), (0.7, 0, 0.9, 0.0, -1), (1.5, 0, 0.999, 0.0, -1), (1.0, 50, 1.0, 0.0, -1), (1.0, 1024, 0.95, 0.0, -1),
                (1.0, 256, 0.95, 0.0, -1), (1.0, 257, 0.95, 0.0, -1), (1.0, 1025, 0.95, 0.0, -1), (1.0, 2000, 1.0, 0.0, -1), (1.0, 0, 1.0, 0.1, -1), (1.0, 0, 1.0, 1e-6, -1), (0.0, 0, 1.0, 0.0, -1),
                (1.0, 0, 1.0, 0.0, 3), (1.0, 0, 1.0, 0.0, 255), (1.0, 0, 1.0, 0.0, 256), (1.0, 0, 1.0, 0.0, 1023), (1.0, 0, 1.0, 0.0, 1024), (1.0, 0, 1.0, 0.0, 5000)):
            with self.subTest(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, rank=rank):
                tokens, statistics = self.choose(temperature, top_k, top_p, min_p, rank)
                for row in range(0, len(self.logits), 3):
                    logits = self.logits[row].numpy()
                    if rank >= 0:
                        expected = descending(logits)[min(rank, self.WORDS - 1)]
                    else:
                        expected = expected_token(logits, temperature, top_k, top_p, min_p, float(self.u[row]))
                    self.assertEqual(int(tokens[row]), expected, row)
                    np.testing.assert_allclose(statistics[row].numpy(), expected_statistics(logits, expected), atol=3e-6)

    def test_company_changes_nothing(self):
        together, statistics = self.choose(1.0, 0, 0.95, 0.0, -1)
        for row in range(len(self.logits)):
            alone, own = self.choose(1.0, 0, 0.95, 0.0, -1, slice(row, row + 1))
            self.assertEqual(int(alone), int(together[row]))
            self.assertTrue(torch.equal(own[0], statistics[row]))

    def test_some_rows_need_more_words_or_all_and_others_do_not(self):
        for count in (256, 1024):
            order, distinct = most_probable(self.logits, count)
            tempered = self.logits.logsumexp(-1)
            _, decided = position_among(self.logits.gather(-1, order), tempered, self.ones, (0 * self.ones).long(), self.ones, 0 * self.ones, self.u)
            for some in (decided, distinct):
                self.assertTrue(some.any(), count)
                self.assertFalse(some.all(), count)

    def test_the_most_probable_words_are_those_of_the_whole_order(self):
        order, distinct = most_probable(self.logits, 256)
        for row in range(len(self.logits)):
            whole = descending(self.logits[row].numpy())
            if distinct[row]:
                self.assertEqual(order[row].tolist(), list(whole[:256]))
            else:
                self.assertEqual(float(self.logits[row, whole[255]]), float(self.logits[row, whole[256]]))

    def test_a_row_that_is_no_number_shows_in_its_own_statistics_alone(self):
        healthy, expected = self.choose(1.0, 0, 0.95, 0.0, -1)
        self.logits[5] = math.nan
        tokens, statistics = self.choose(1.0, 0, 0.95, 0.0, -1)
        others = torch.arange(len(self.logits)) != 5
        self.assertTrue(torch.isnan(statistics[5, :5]).all())
        self.assertTrue(torch.equal(tokens[others], healthy[others]))
        self.assertTrue(torch.equal(statistics[others], expected[others]))


class AdjustedChoiceTest(unittest.TestCase):
    """Penalties, bias, forced tokens and the best words, against code that goes token by token."""

    def setUp(self):
        rng = np.random.default_rng(23)
        self.rows = 120
        self.logits = {words: torch.tensor(rng.normal(size=(self.rows, words)) * 3) for words in (162, 3000)}
        for logits in self.logits.values():
            logits[::6, 40:] = -math.inf
        self.random = random.Random(29)

    def draw(self, logits, sampling, seen, bias, ranks=None, tokens=None, k=0):
        rows = range(len(logits))
        uniforms = [(7 * row % 100) / 100 for row in rows]
        columns = control(sampling, uniforms, ranks or [-1] * len(logits), logits.dtype, tokens)
        touched = [(row, token, times) for row in rows for token, times in seen[row].items()] or [(0, 0, -1)]
        biases = [(row, token) for row in rows for token in bias[row]] or [(0, 0)]
        values = [value for row in rows for value in bias[row].values()] or [0.0]
        return uniforms, SCRIPTED.adjusted(logits, columns, torch.tensor(k), torch.tensor(touched), torch.tensor(biases),
                                           torch.tensor(values, dtype=logits.dtype))

    def test_penalties_and_bias_change_what_is_drawn_and_nothing_that_is_told(self):
        for words, logits in self.logits.items():
            sampling = [Sampling(self.random.choice((0.0, 0.7, 1.0)), self.random.choice((0, 10)), self.random.choice((1.0, 0.9)), 0.0,
                                 self.random.choice((1.0, 1.3, 0.8)), self.random.choice((0.0, 0.5, -1.0)), self.random.choice((0.0, 0.4)))
                        for _ in range(self.rows)]
            likely = [descending(row.numpy())[:30] for row in logits]
            seen = [{int(self.random.choice(likely[row])): self.random.choice((0, 1, 3)) for _ in range(25)} for row in range(self.rows)]
            bias = [{self.random.randrange(words): self.random.uniform(-4, 4) for _ in range(5)} for _ in range(self.rows)]
            uniforms, (tokens, statistics, best, best_log_p) = self.draw(logits, sampling, seen, bias, k=5)
            differ = 0
            for row in range(self.rows):
                raw = logits[row].numpy()
                one = sampling[row]
                changed = raw.copy()
                for token, value in bias[row].items():
                    changed[token] += value
                for token, times in seen[row].items():
                    z = changed[token]
                    z = z / one.repetition_penalty if z > 0 else z * one.repetition_penalty
                    changed[token] = z - one.presence_penalty * (times > 0) - one.frequency_penalty * times
                expected = expected_token(changed, one.temperature, one.top_k, one.top_p, one.min_p, uniforms[row])
                self.assertEqual(int(tokens[row]), expected, (words, row))
                differ += expected != expected_token(raw, one.temperature, one.top_k, one.top_p, one.min_p, uniforms[row])
                order = descending(raw)
                self.assertEqual(int(statistics[row, 5]), list(order).index(expected))
                self.assertEqual(best[row].tolist(), list(order[:5]))
                log_p = raw - np.logaddexp.reduce(raw)
                np.testing.assert_allclose(best_log_p[row].numpy(), np.maximum(log_p[order[:5]], -1000), atol=3e-6)
                np.testing.assert_allclose(float(statistics[row, 1]), max(log_p[expected], -1000), atol=3e-6)
            self.assertGreater(differ, self.rows // 10, "the case is worth testing")

    def test_what_is_off_changes_nothing(self):
        for logits in self.logits.values():
            nothing = [{} for _ in range(self.rows)]
            sampling = [Sampling(0.8, 0, 0.95)] * self.rows
            uniforms, adjusted = self.draw(logits, sampling, nothing, nothing, k=20)
            plain = SCRIPTED(logits, control(sampling, uniforms, [-1] * self.rows, logits.dtype), torch.tensor(20))
            for one, other in zip(adjusted, plain):
                self.assertTrue(torch.equal(one, other))

    def test_a_forced_token_is_taken_and_has_its_own_statistics(self):
        for words, logits in self.logits.items():
            nothing = [{} for _ in range(self.rows)]
            forced = [self.random.randrange(words) if row % 3 else -1 for row in range(self.rows)]
            sampling = [Sampling(0.8)] * self.rows
            uniforms, (tokens, statistics, _, _) = self.draw(logits, sampling, nothing, nothing, tokens=forced)
            columns = control(sampling, uniforms, [-1] * self.rows, logits.dtype, forced)
            others = SCRIPTED(logits, columns, torch.tensor(0))
            self.assertTrue(torch.equal(tokens, others[0]))
            self.assertTrue(torch.equal(statistics, others[1]))
            for row in range(self.rows):
                if forced[row] >= 0:
                    self.assertEqual(int(tokens[row]), forced[row])
                    self.assertEqual(int(statistics[row, 5]), list(descending(logits[row].numpy())).index(forced[row]))

    def test_a_rank_wins_over_penalties(self):
        logits = self.logits[162]
        seen = [{token: 3 for token in range(40)} for _ in range(self.rows)]
        _, (tokens, statistics, _, _) = self.draw(logits, [Sampling(1.0, repetition_penalty=2.0)] * self.rows, seen,
                                                  [{} for _ in range(self.rows)], ranks=[2] * self.rows)
        for row in range(self.rows):
            self.assertEqual(int(tokens[row]), descending(logits[row].numpy())[2])

    def test_company_changes_nothing(self):
        """A row without penalties beside rows that have some, and alone."""
        logits = self.logits[3000]
        sampling = [Sampling(0.9, 0, 0.9, 0.0, 1.0 + 0.2 * (row % 2)) for row in range(self.rows)]
        seen = [{5: 1, 7: 0} if row % 2 else {} for row in range(self.rows)]
        nothing = [{} for _ in range(self.rows)]
        uniforms, (tokens, statistics, _, _) = self.draw(logits, sampling, seen, nothing)
        for row in range(0, self.rows, 2):
            columns = control([sampling[row]], [uniforms[row]], [-1], logits.dtype)
            alone = SCRIPTED(logits[row:row + 1], columns, torch.tensor(0))
            self.assertEqual(int(alone[0]), int(tokens[row]))
            self.assertTrue(torch.equal(alone[1][0], statistics[row]))

    def test_single_precision_stays_single(self):
        logits = self.logits[3000].float()
        with PrecisionsOfResults() as seen:
            Choose().adjusted(logits, control([Sampling(0.8, 5, 0.9, 0.1, 1.2, 0.1, 0.1)] * self.rows, [0.5] * self.rows, [-1] * self.rows, torch.float32),
                              torch.tensor(3), torch.tensor([[0, 1, 2]]), torch.tensor([[0, 1]]), torch.ones(1))
        self.assertNotIn(torch.float64, seen.precisions)


class PagedModuleTest(unittest.TestCase):
    def test_a_row_that_is_no_number_leaves_nothing_behind_in_the_pool(self):
        """Its blocks go to others, and padding writes to block 0, which every row reads behind its mask."""
        module, description = load_module(HERE / "reasoner-s")
        broken = plain_model(module, description)
        with torch.no_grad():
            broken.embedding.weight[7] = math.nan
        decoder = Decoder(scripted(broken), description, rows=2)
        sick, healthy = Sequence([7, 5, 6], seed=0), Sequence([5, 6], seed=1)
        alone = Sequence([5, 6], seed=1)
        decoder.step([sick, healthy])
        self.assertTrue(all(math.isnan(value) for value in sick.statistics[0][:5]))
        self.assertTrue(torch.isfinite(decoder.pool).all())
        Decoder(scripted(broken), description, rows=1).step([alone])
        self.assertEqual(healthy.generated, alone.generated)
        self.assertEqual(healthy.statistics, alone.statistics)

    def test_every_tensor_is_made_on_the_device_of_the_inputs(self):
        """A tensor that is made without naming a device is made on the CPU, and fails beside others on a GPU."""
        module, description = load_module(HERE / "reasoner-s")
        decoder = Decoder(PagedModel(plain_model(module, description)), description, rows=2)
        rows = [Sequence([5, 6, 7], seed=0), Sequence([5, 6], seed=1)]
        with DevicesOfFactories() as seen:
            decoder.module, decoder.choose = seen.watched(decoder.module), seen.watched(Choose())
            decoder.step(rows)  # several tokens a row
            decoder.step(rows)  # one
        self.assertGreater(len(seen.factories), 0)
        self.assertEqual([name for name, named in seen.factories if not named], [])

    def test_paged_logits_equal_the_plain_forward_pass(self):
        """Prefill of unequal lengths, then 20 greedy steps."""
        for name in MODELS:
            module, description = load_module(HERE / name)
            model = plain_model(module, description)
            sequences = [Sequence(ids, seed=0, sampling=Sampling(0.0)) for ids in prompts(6, seed=12)]
            decoder = Decoder(module, description, rows=6)
            recorded = []
            decoder.module = RecordingModule(module, recorded)
            for _ in range(20):
                before = [sequence.tokens() for sequence in sequences]
                decoder.step(sequences)
                for row, ids in enumerate(before):
                    self.assertLess(np.abs(last_logits(model, ids) - recorded[-1][row].numpy()).max(), 1e-9)

    def test_company_in_the_batch_changes_nothing(self):
        """200 sequences alone and in mixed batches of 32: equal tokens and bit-equal statistics."""
        module, description = load_module(HERE / "reasoner-s")

        def sequences():
            settings = (Sampling(1.0), Sampling(0.8), Sampling(0.6, top_k=5), Sampling(1.2, top_p=0.9), Sampling(1.0, min_p=0.05), Sampling(0.0))
            return [Sequence(ids, seed=index, sampling=settings[index % len(settings)]) for index, ids in enumerate(prompts(200, seed=13))]

        alone = Decoder(module, description, rows=1).run(sequences(), 80)
        together = Decoder(module, description, rows=32).run(sequences(), 80)
        for one, other in zip(alone, together):
            self.assertEqual(one.generated, other.generated)
            self.assertEqual(one.statistics, other.statistics)

    def test_how_rows_are_grouped_changes_nothing(self):
        """Rows of many lengths as one group, as eights and each alone: equal tokens and bit-equal statistics."""
        module, description = load_module(HERE / "reasoner-s")
        outcomes = []
        for rows_per_group in (1, 8, 100):
            with mock.patch("decoding.ROWS_PER_GROUP", rows_per_group):
                decoder = Decoder(module, description, rows=20)
                rows = [Sequence([5 + (row + place) % 100 for place in range(3 + 21 * row)], seed=row) for row in range(20)]
                for _ in range(6):
                    decoder.step(rows)
                outcomes.append([(row.generated, row.statistics) for row in rows])
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(outcomes[0], outcomes[2])

    def test_a_module_in_single_precision_computes_nothing_in_double(self):
        """One parameter in another precision would turn whole rows of logits into it."""
        module, described = untrained(3000, torch.float32)
        decoder = Decoder(module, described, rows=2, dtype=torch.float32)
        rows = [Sequence([5, 6, 7], seed=0, sampling=Sampling(0.7, 5, 0.9, 0.1)), Sequence([5, 6], seed=1)]
        with PrecisionsOfResults() as seen:
            decoder.step(rows)
            decoder.step(rows)
        self.assertIn(torch.float32, seen.precisions)
        self.assertNotIn(torch.float64, seen.precisions)

    def test_a_copied_block_holds_the_same_keys_and_values(self):
        module, description = load_module(HERE / "reasoner-s")
        pool = torch.randn(description["layers"], 2, 5, 16, description["kv_heads"], description["head_dim"], dtype=torch.float64)
        before = pool.clone()
        self.assertEqual(module.copy_blocks(pool, torch.tensor([1, 2]), torch.tensor([4, 3])).tolist(), [4, 3])
        self.assertTrue(torch.equal(pool[:, :, [4, 3]], before[:, :, [1, 2]]))
        self.assertTrue(torch.equal(pool[:, :, :3], before[:, :, :3]))


def untrained(vocabulary, dtype, width=96, heads=4):
    """(module, what a Decoder wants to know of it)."""
    torch.manual_seed(21)
    model = LanguageModel(ModelShape(vocabulary, width=width, layers=2, heads=heads))
    described = {"eos_token_ids": [1], "max_positions": 512, "layers": 2, "kv_heads": heads, "head_dim": width // heads}
    return PagedModel(model.double_precision()).to(dtype).eval(), described


class WorkingMemoryTest(unittest.TestCase):
    """The bound that model.json states is above what a call allocates, and not far above."""

    def test_bound_of_prompts_and_of_decoding(self):
        for dtype, vocabulary, width, rows, prompt, sampling in (
                (torch.float64, 162, 96, 1, 64, Sampling()), (torch.float64, 162, 96, 1, 400, Sampling()),
                (torch.float64, 162, 96, 32, 20, Sampling()), (torch.float32, 162, 96, 32, 300, Sampling(top_p=0.9)),
                (torch.float64, 3000, 96, 8, 20, Sampling(top_k=2000, top_p=0.9, min_p=0.01)), (torch.float32, 30000, 64, 16, 20, Sampling()),
                (torch.float32, 30000, 64, 16, 20, Sampling(top_k=2000, top_p=0.99, min_p=0.001))):
            with self.subTest(dtype=dtype, vocabulary=vocabulary, rows=rows, prompt=prompt, sampling=sampling):
                module, described = untrained(vocabulary, dtype, width)
                decoder = Decoder(module, described, rows=rows, dtype=dtype)
                sequences = [Sequence([5 + (row + place) % 100 for place in range(prompt)], row, sampling) for row in range(rows)]
                coefficients = working_bytes(ModelShape(vocabulary, width=width, layers=2), dtype)
                for tokens in (prompt, 1):
                    inputs = decoder.inputs(sequences)
                    self.assertEqual(inputs[0].shape, (rows, tokens))
                    columns = decoder.control(sequences)
                    allocated = most_allocated(lambda: decoder.choose(module(*inputs), columns, torch.tensor(20)))
                    bound = bound_of(coefficients, rows, tokens, inputs[4].tolist())
                    self.assertLessEqual(allocated, bound)
                    self.assertLess(bound, 4 * allocated)
                    decoder.step(sequences)


class PrecisionsOfResults(TorchDispatchMode):
    """Notes the precision of everything that is computed."""

    def __init__(self):
        super().__init__()
        self.precisions = set()

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        result = function(*arguments, **(keywords or {}))
        self.precisions |= {value.dtype for value in tree_flatten(result)[0] if isinstance(value, torch.Tensor)}
        return result


class TrainingTest(unittest.TestCase):
    def test_equal_seeds_give_equal_weights(self):
        stage = {"start": None, "seed": 9, "steps": 3, "rate": 1.0, "last_rate": 0.5, "batch_tokens": 600, "style": {}}
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(train.RECIPE, {"tiny": stage}):
            weights = []
            for _ in range(2):
                train.run_stage("tiny", Path(folder))
                weights.append(load_checkpoint(Path(folder) / "tiny.pt")[0].state_dict())
        for name in weights[0]:
            self.assertTrue(torch.equal(weights[0][name], weights[1][name]), name)


class ScoresTest(unittest.TestCase):
    def test_edis_on_a_worked_example(self):
        """Three rebounds, mean .7, variance 1.21; three, two, one and no bursts."""
        entropies = [0, 2, 0, 0, 3, 0, 0, 0, 0, 2]
        for window, expected in ((1, 6.63), (2, 5.525), (3, 4.42), (8, 3.315)):
            self.assertAlmostEqual(running_edis(entropies, window, 1.36, 1.33)[-1], expected, places=12)

    def test_running_edis_equals_edis_of_the_prefix(self):
        entropies = np.random.default_rng(1).exponential(0.8, 60)
        whole = running_edis(entropies, 8, 0.5, 0.8)
        for length in (1, 7, 8, 9, 30, 60):
            self.assertAlmostEqual(whole[length - 1], running_edis(entropies[:length], 8, 0.5, 0.8)[-1], places=9)

    def test_windowed_entropy(self):
        self.assertEqual(running_windowed_entropy(np.array([1.0, 2.0, 3.0, 2.0]), 2).tolist(), [0.5, 1.5, 2.5, 2.5])
        self.assertEqual(largest_windowed_entropy(np.array([1.0, 2.0, 3.0, 2.0]), 8), 2.0)

    def test_auroc(self):
        self.assertEqual(auroc([1, 2, 3, 4], [False, False, True, True]), 1.0)
        self.assertEqual(auroc([1, 1, 1, 1], [False, True, False, True]), 0.5)
        self.assertEqual(auroc([3, 1, 2], [False, True, False]), 0.0)


class DevicesOfFactories(TorchDispatchMode):
    """Notes every operation that makes a tensor out of none, and whether it was told where."""

    def __init__(self):
        super().__init__()
        self.factories, self.watching = [], False

    def watched(self, module):
        """The module, with what it does noted, and not what its caller does."""
        def call(*inputs):
            self.watching = True
            try:
                return module(*inputs)
            finally:
                self.watching = False
        return call

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        keywords = keywords or {}
        takes_tensors = any(isinstance(argument, torch.Tensor) for argument in tree_flatten((arguments, keywords))[0])
        if self.watching and not takes_tensors:
            self.factories.append((str(function), keywords.get("device") is not None))
        return function(*arguments, **keywords)


class RecordingModule:
    """Passes calls on and keeps the logits of the same inputs."""

    def __init__(self, module, recorded):
        self.module, self.recorded = module, recorded

    def __call__(self, *inputs):
        logits = self.module(*inputs)
        self.recorded.append(logits)
        return logits


if __name__ == "__main__":
    unittest.main()
