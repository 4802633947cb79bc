"""Names of other actors that take a mention's place: who is named should not decide what is said of him (counterfactual
data augmentation, Lu et al. 2018)."""
import csv


class Names:
    def __init__(self, path):
        """Of the catalogue `models/actors.csv`."""
        self.owner, self.alike = {}, {}
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                if row["kind"] == "place":
                    continue
                names = [row["name"], *filter(None, row["aliases"].split("|"))]
                if row["kind"] == "person":
                    names.append(row["name"].split()[-1])
                for name in dict.fromkeys(names):
                    self.owner.setdefault(name, (row["id"], row["kind"], row["name"]))
                    self.alike.setdefault(self.form(name, row["kind"], row["name"]), []).append((row["id"], name))

    @staticmethod
    def form(name, kind, full):
        """What names have in common that may stand for each other: *Russian* and *Norwegian*, *Putin* and *Merkel*."""
        if name == full:
            return kind, "full"
        if kind == "person":
            return kind, "last" if name == full.split()[-1] else "other"
        return kind, name[-2:]

    def other(self, mention, rng):
        """The name of another actor of the kind of the one whose name `mention` is, in a like form; None if there is none."""
        found = self.owner.get(mention)
        if not found:
            return None
        actor, kind, full = found
        choice = [name for other, name in self.alike[self.form(mention, kind, full)] if other != actor]
        return rng.choice(choice or [name for other, name in self.alike[kind, "full"] if other != actor])
