import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.reference.PrefixedRootFactory;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.reference.ResourceReference;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormAnswerDataSerializer;
import org.javarosa.xform.util.XFormUtils;
import org.opendatakit.validate.StubPropertyManager;

/**
 * Replays fillings on JavaRosa.
 *
 * <p>Reads lines of fields between tabs: FORM with a file and the folder of its lists, SET with path and
 * answer, ADD with the path of a repeat, DUMP. For each DUMP it writes NODE lines (path, whether relevant,
 * required, read-only and within its constraint, value), then END. What fails is written as FAILED; the
 * steps of a form that does not open are skipped.
 */
public class JavaRosaReplay {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    private FormDef form;

    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // JavaRosa chats there
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(new StubPropertyManager());
        JavaRosaReplay replay = new JavaRosaReplay();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t", -1);
            try {
                replay.run(fields);
            } catch (Exception | StackOverflowError error) {
                OUT.println("FAILED\t" + String.join(" ", fields) + "\t" + flat(String.valueOf(error)));
            }
            if (fields[0].equals("DUMP")) {
                OUT.println("END");
            }
        }
        OUT.flush();
    }

    private void run(String[] fields) throws Exception {
        if (fields[0].equals("FORM")) {
            open(fields[1], Path.of(fields[2]));
        } else if (form == null) {
            return;
        } else if (fields[0].equals("SET")) {
            set(fields[1], fields[2]);
        } else if (fields[0].equals("ADD")) {
            add(fields[1]);
        } else {
            dump(form.getMainInstance().getRoot(), "/" + form.getMainInstance().getRoot().getName());
        }
    }

    private void open(String file, Path lists) throws Exception {
        form = null;
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(new Lists(lists));
        FormDef opened = XFormUtils.getFormFromInputStream(new FileInputStream(file));
        opened.initialize(true, new InstanceInitializationFactory());
        form = opened;
        goThrough();
    }

    /** Shows every question, as a person would see it: only then are counted repeats and choices settled. */
    private void goThrough() {
        FormEntryModel model = new FormEntryModel(form);
        FormIndex index = model.incrementIndex(FormIndex.createBeginningOfFormIndex());
        while (!index.isEndOfFormIndex()) {
            model.setQuestionIndex(index);
            if (model.getEvent(index) == FormEntryController.EVENT_QUESTION && model.isIndexRelevant(index)) {
                FormEntryPrompt prompt = model.getQuestionPrompt(index);
                if (prompt.getQuestion().getDynamicChoices() != null) {
                    prompt.getSelectChoices();
                }
            }
            index = model.incrementIndex(index);
        }
    }

    private void set(String path, String answer) {
        TreeElement element = find(path);
        if (element == null) {
            throw new IllegalStateException("there is no such node");
        }
        form.setValue(answer.isEmpty() ? null : data(element, answer), element.getRef(), element, true);
        goThrough();
    }

    private IAnswerData data(TreeElement element, String answer) {
        QuestionDef question = FormDef.findQuestionByRef(element.getRef().genericize(), form);
        int control = question == null ? Constants.CONTROL_UNTYPED : question.getControlType();
        List<Selection> chosen = new ArrayList<>();
        for (String value : answer.split(" ")) {
            chosen.add(new Selection(value));
        }
        switch (control) {
            case Constants.CONTROL_SELECT_ONE:
                return new SelectOneData(new Selection(answer));
            case Constants.CONTROL_SELECT_MULTI:
                return new SelectMultiData(chosen);
            case Constants.CONTROL_RANK:
                return new MultipleItemsData(chosen);
            default:
                return XFormAnswerDataParser.getAnswerData(answer, element.getDataType());
        }
    }

    private TreeElement find(String path) {
        TreeElement element = form.getMainInstance().getRoot();
        String[] steps = path.substring(1).split("/");
        for (int number = 1; number < steps.length && element != null; number++) {
            String[] step = steps[number].split("[\\[\\]]");
            int place = step.length > 1 ? Integer.parseInt(step[1]) - 1 : 0;
            element = element.getChild(step[0].replaceFirst("^.*:", ""), place);
        }
        return element;
    }

    private void add(String path) {
        FormEntryController controller = new FormEntryController(new FormEntryModel(form));
        int event = controller.getModel().getEvent();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
                String next = controller.getModel().getFormIndex().getReference().toString(true);
                if (withoutFirsts(next.replaceFirst("\\[\\d+\\]$", "")).equals(withoutFirsts(path))) {
                    controller.newRepeat();
                    goThrough();
                    return;
                }
            }
            event = controller.stepToNextEvent();
        }
        throw new IllegalStateException("there is nowhere to add it");
    }

    private static String withoutFirsts(String path) {
        return path.replace("[1]", "");
    }

    private static String flat(String text) {
        return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }

    private void dump(TreeElement element, String path) {
        if (element.getMult() < 0) {
            return; // the model after which a repeat's instances are made
        }
        OUT.println(String.join("\t", "NODE", path, String.valueOf(element.isRelevant()),
                String.valueOf(element.isRequired()), String.valueOf(!element.isEnabled()),
                String.valueOf(form.evaluateConstraint(element.getRef(), element.getValue())),
                valueOf(element)));
        for (int number = 0; number < element.getNumChildren(); number++) {
            TreeElement child = element.getChildAt(number);
            String place = child.isRepeatable() ? "[" + (child.getMult() + 1) + "]" : "";
            dump(child, path + "/" + child.getName() + place);
        }
    }

    private static String valueOf(TreeElement element) {
        if (element.getValue() == null) {
            return "";
        }
        XFormAnswerDataSerializer serializer = new XFormAnswerDataSerializer();
        return flat(String.valueOf(serializer.serializeAnswerData(element.getValue(), element.getDataType())));
    }

    /** Finds a form's lists in its folder, by name alone. */
    private static class Lists extends PrefixedRootFactory {
        private final Path folder;

        Lists(Path folder) {
            super(new String[] {"file"});
            this.folder = folder;
        }

        @Override
        protected Reference factory(String terminal, String address) {
            String file = folder.resolve(address.substring(address.lastIndexOf('/') + 1)).toString();
            return new ResourceReference(address) {
                @Override
                public String getLocalURI() {
                    return file;
                }
            };
        }
    }
}
