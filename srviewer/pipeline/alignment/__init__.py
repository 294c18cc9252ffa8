"""How a given LR lies on its HR: displacement, models, two estimators, tone and a verdict."""
